// The grids in a notebook: `model.problem` goes out, `model.answer` comes in; a paste is asked for by message.
export default {
  render({model, el}) {
    const part = (name, tag = "div") => { const made = document.createElement(tag); made.className = name; el.append(made); return made; };
    el.classList.add("verifier-grids");
    const shown = ["equations", "grids", "results"].map(name => part(name)), [equations, grids, results] = shown;
    const status = part("status", "p"), waiting = new Map();
    status.setAttribute("role", "status");
    const send = problem => { model.set("problem", problem); model.save_changes(); };
    const edited = (section, name) => table => {
      const problem = copy(model.get("problem"));
      problem[section][name] = like(problem[section][name], table);
      send(problem);
    };
    const pasted = (section, name) => (text, i, j) => {
      const id = `${Date.now()}-${waiting.size}`;
      waiting.set(id, {section, name, i, j});
      model.send({id, text});
    };
    function draw() {
      const problem = model.get("problem"), at = document.activeElement && document.activeElement.dataset.key;
      grids.replaceChildren();
      for (const section of SECTIONS) for (const [name, value] of Object.entries(problem[section] || {}))
        grids.append(grid(section, name, value, edited(section, name), pasted(section, name)));
      if (at && fieldIn(el, at)) fieldIn(el, at).focus();
    }
    function told() {
      const answer = model.get("answer"), error = answer.error;
      for (const f of el.querySelectorAll("[aria-invalid]")) f.removeAttribute("aria-invalid");
      if (answer.equations) equations.innerHTML = answer.equations;
      if (!error) results.innerHTML = answer.results || "";
      results.classList.toggle("stale", !!error);
      status.textContent = error ? error.what + (error.accepted ? ` (${error.accepted})` : "") : "";
      const [section, name, ...index] = error ? error.key : [];
      const field = SECTIONS.includes(section) && name && fieldIn(el, faulty(model.get("problem")[section][name], section, name, index));
      if (field) field.setAttribute("aria-invalid", "true");
    }
    // What was typed here stands in its field already; what Python sets is drawn.
    function changed() {
      const problem = model.get("problem");
      const fields = [...grids.querySelectorAll("input")], here = fields.map(f => f.value);
      const there = SECTIONS.flatMap(s => Object.values(problem[s] || {}).flatMap(v => rows(v).flat().map(String)));
      if (JSON.stringify(here) !== JSON.stringify(there)) draw();
    }
    model.on("change:problem", changed);
    model.on("change:answer", told);
    model.on("msg:custom", message => {
      const asked = waiting.get(message.id), problem = copy(model.get("problem"));
      if (!asked) return;
      waiting.delete(message.id);
      if (message.error) { status.textContent = message.error.what; return; }
      const {section, name, i, j} = asked, now = placed(problem[section][name], message.matrix, i, j, false);
      if (now === null) { status.textContent = `${message.matrix.length} × ${message.matrix[0].length}?`; return; }
      problem[section][name] = now; send(problem); draw();
    });
    draw(); told();
  }
};
