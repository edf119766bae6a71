"""Notebooks: magics in a shell, and one that is executed and converted by nbconvert."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pypandoc
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbconvert import HTMLExporter, LatexExporter
from nbconvert.preprocessors import ExecutePreprocessor

import verifier
from tests.conftest import ROOT, SEED, module, pdflatex
from verifier.display import MACROS, Displayed
from verifier.errors import ProblemError
from verifier.hosts.namespace import Namespace, numbers_of

GRU = """
z[t] = sigmoid(x[t] @ U_z + s[t-1] @ W_z)
s[t] = (1 - z[t]) * tanh(x[t] @ U_h) + z[t] * s[t-1]
"""
ARRAYS = {
    "x": np.array([[0.25, 0.5], [1.0, 2.0]]),
    "U_z": np.array([[0.1], [0.2]], dtype=np.float32),
    "U_h": [["0.1", "1/3"], [1, 2]],
    "W_z": [[Fraction(1, 3)], [0]],
}


@pytest.fixture(scope="module")
def session() -> Iterator[InteractiveShell]:
    main = sys.modules["__main__"]  # a shell puts its own in place
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "verifier")
    yield shell
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main


@pytest.fixture
def shell(session: InteractiveShell) -> InteractiveShell:
    """A shell with the magics and some arrays."""
    session.reset(new_session=False)
    session.user_ns |= ARRAYS
    return session


def run(shell: InteractiveShell, cell: str) -> tuple[Any, str, str]:
    """What a cell gives, and what it writes to both streams."""
    with capture_output() as streams:
        result = shell.run_cell(cell)
    return result, streams.stdout, streams.stderr


def test_equations_with_arrays_of_the_notebook(shell: InteractiveShell) -> None:
    result, out, _ = run(shell, f"%%problem gru --places 6{GRU}")
    problem = result.result
    assert problem is shell.user_ns["gru"]
    assert problem.parameters["U_z"].fractions[0] == Fraction(float(np.float32(0.1)))
    assert problem.parameters["W_z"].fractions == (Fraction(1, 3), 0)
    assert problem.parameters["U_h"].texts == ("0.1", "1/3", "1", "2")
    assert (problem.rounding.places, problem.steps) == (6, 2)
    assert "U_z (float32, 2×1)" in out
    assert "exactly the numbers they are: 0.1 is 0.10000000149011611938" in out
    solution = run(shell, "%solve gru")[0].result
    plain = 1 / (1 + np.exp(-(ARRAYS["x"][0] @ ARRAYS["U_z"].astype(float))))  # type: ignore[union-attr,index]
    assert abs(float(solution.rows[0].rounded) - plain[0]) < 1e-6
    assert solution is shell.user_ns["solution"]


def test_a_problem_file_in_a_cell_and_its_pieces(shell: InteractiveShell) -> None:
    run(shell, f"%%problem\n{SEED.read_text('utf-8')}")
    part = run(shell, "%solve --part s[2][1]")[0].result
    assert part.rounded == "0.1878"
    again = run(shell, f"%solve {SEED} --places 6 --part z@2")[0].result
    assert again.rounded == ("0.690997",)
    assert repr(again).endswith("≈ 0.690997")


def test_a_problem_file_whose_numbers_are_in_the_notebook(shell: InteractiveShell) -> None:
    text = '[rounding]\nplaces = 2\n[initial]\ns = ["1/2", 1]\n'
    result = run(shell, f'%%problem\nequations = """{GRU}"""\n{text}')[0]
    assert result.result.initial["s"].texts == ("1/2", "1")
    assert result.result.parameters["U_z"].floats is not None


def test_initial_values_have_names_of_their_own(shell: InteractiveShell) -> None:
    shell.user_ns["s0"] = [1, 2]
    shell.user_ns["s"] = "something else"
    _, out, _ = run(shell, f"%%problem{GRU}")
    assert shell.user_ns["problem"].initial["s"].texts == ("1", "2")
    assert "s0 (exact, 2)" in out


MISTAKES = [
    ("%%problem\nz[t] = sigmod(x[t] @ U_z)", "<equations>:1:8: the function 'sigmod'"),
    ("%%problem\ny[t] = tanh(x[t] @ V)", "V is missing"),
    (
        "%%problem\ncell = 'gru'\n[parameters]\nU_z = [[1], [2]",
        "<cell>.toml:3:16: this is not TOML",
    ),
    ("%%problem\ncell = 'gruu'", "did you mean 'gru'"),
    ("%solve nothing", "'nothing' is no problem of this notebook"),
    ("%solve nofile.toml", "nofile.toml: No such file"),
    (f"%solve {SEED} --part q@2", "'q' is not a quantity"),
    (f"%solve {SEED} --places 4 --figures 4", "together"),
]


@pytest.mark.parametrize(("cell", "message"), MISTAKES)
def test_errors_are_messages_without_a_traceback(
    shell: InteractiveShell, cell: str, message: str
) -> None:
    shell.user_ns |= {"problem": "old", "solution": "old"}
    result, out, err = run(shell, cell)
    assert message in err
    assert "Traceback" not in out + err
    assert result.success  # the cells below still run
    name = "problem" if cell.startswith("%%") else "solution"
    assert name not in shell.user_ns  # but with no old value


def test_a_variable_needs_a_name(shell: InteractiveShell) -> None:
    for cell in ("%%problem a.b\nz[t] = tanh(x[t])", f"%solve {SEED} --name 2x"):
        result, _, err = run(shell, cell)
        assert not result.success
        assert "is no name of a variable" in err
        assert "Traceback" not in err


def test_errors_of_calls_are_messages_too(shell: InteractiveShell) -> None:
    result, out, err = run(shell, "import verifier; verifier.load('nofile.toml')")
    assert not result.success
    assert err.startswith("verifier: nofile.toml: No such file")
    assert "Traceback" not in out + err


NUMBERS = [
    (3, (), ["3"]),
    ("1/3", (), ["1/3"]),
    ([1, "0.10"], (2,), ["1", "0.10"]),
    (np.array([[1, 2]]), (1, 2), ["1", "2"]),
    (np.float32(0.5), (), ["1/2"]),
    ([[0.5, 1]], (1, 2), ["1/2", "1"]),
    (np.array([Fraction(1, 3), 2], dtype=object), (2,), ["1/3", "2"]),
]


@pytest.mark.parametrize(("value", "shape", "numbers"), NUMBERS)
def test_numbers_of_a_notebook(value: Any, shape: tuple[int, ...], numbers: list[str]) -> None:
    found = numbers_of(value)
    assert found.shape == shape
    assert found.fractions == tuple(map(Fraction, numbers))


@pytest.mark.parametrize(
    "value",
    [
        print,
        None,
        True,
        [True],
        1j,
        float("nan"),
        np.array([np.inf]),
        np.array([1j]),
        np.array([True]),
        np.zeros((2, 2, 2, 2)),
        [[1.0], [1.0, 2.0]],
        [2**60 + 1, 0.5],
        {"a": 1},
        np.array(["abc"]),
        np.array([]),
    ],
)
def test_what_holds_no_numbers_is_refused(value: Any) -> None:
    with pytest.raises(ProblemError):
        numbers_of(value)


class Tensor:
    """What torch's tensors offer, as far as it is asked for."""

    def __init__(self, array: np.ndarray[Any, Any], dtype: str) -> None:
        self.array, self.dtype = array, dtype

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def float(self) -> Tensor:
        return Tensor(self.array, "torch.float32")

    def numpy(self) -> np.ndarray[Any, Any]:
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


def test_tensors_are_taken_as_they_are() -> None:
    array = np.array([[0.1]], dtype=np.float32)
    for dtype in ("torch.float32", "torch.bfloat16"):
        assert numbers_of(Tensor(array, dtype)).fractions == (Fraction(float(array[0, 0])),)


def test_tensors_of_torch_itself() -> None:
    torch = module("torch")
    weight = torch.nn.Parameter(torch.tensor([[0.1, 2.0]]))
    assert numbers_of(weight).fractions[0] == Fraction(float(np.float32(0.1)))
    assert numbers_of(weight.to(torch.bfloat16)).fractions[0] == Fraction(205, 2048)


def test_a_namespace_says_what_it_gave() -> None:
    space = Namespace({"U": np.array([0.5]), "V": 1})
    assert space("parameters", "missing") is None
    assert space("parameters", "U") is not None
    assert space("initial", "V") is None
    assert list(space.notes()) == [
        "from the notebook: U (float64, 1)",
        "floats are taken as exactly the numbers they are",
    ]


def test_parts_of_a_solution_show_themselves() -> None:
    solution = verifier.solve(verifier.load(SEED))
    for shown in (solution, solution.problem, solution.step(2), solution.quantity("z", 2)):
        bundle = shown._repr_mimebundle_()  # type: ignore[attr-defined]
        assert list(bundle) == ["text/html", "text/markdown", "text/latex"]
        assert "$$" in bundle["text/markdown"]
        assert "<math" in bundle["text/html"]
        assert "<html" not in bundle["text/html"]  # a page in a page breaks the page
        assert "\\documentclass" not in bundle["text/latex"]
    only = solution._repr_mimebundle_(include={"text/markdown"})
    assert list(only) == ["text/markdown"]
    assert solution.quantity("s", 2).rounded == ("0.1948", "0.1878", "0.1401")
    assert [row.name for row in solution.step(1).rows] == list("zrhhhsss")


def test_an_audit_shows_itself() -> None:
    found = verifier.solve(verifier.load(SEED)).audit("float16", "float32", programs=["numpy"])
    bundle = found._repr_mimebundle_()
    assert list(bundle) == ["text/html", "text/markdown", "text/latex"]
    assert {measured.float for measured in found.findings.audit.measured.values()} == {
        "float16",
        "float32",
    }
    for text in bundle.values():
        assert "float32: products" in text
        assert "bfloat16: products" not in text
        assert "NumPy" in text
    assert "<html" not in bundle["text/html"]
    assert r"\begin{longtable}" in bundle["text/latex"]
    assert "float32" in repr(found)


def test_what_has_only_markdown_shows_that() -> None:
    class Audit(Displayed):
        def to_markdown(self) -> str:
            return "# Audit"

    assert Audit()._repr_mimebundle_() == {"text/markdown": "# Audit"}


def test_macros_are_those_of_the_style_file() -> None:
    style = (ROOT / "templates" / "latex" / "verifier.sty").read_text("utf-8")
    for line in MACROS.replace("provide", "new").splitlines():
        assert line in style


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook with one mistake, run from top to bottom by a kernel of its own."""
    folder = tmp_path_factory.mktemp("notebook")
    cells = [
        "%load_ext verifier\nimport numpy as np, verifier",
        f"%%problem\n{SEED.read_text('utf-8')}",
        "%solve",
        "solution.quantity('z', 2)",
        "%solve --part s[2][1]",
        "%%problem wrong\nz[t] = sigmod(x[t])",
        "x = np.array([0.1, 0.2])\nprint('still running')",
        "%%problem small --policy equation\ny[t] = tanh(x[t])",
        "%solve small --part y@1",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    runner = ExecutePreprocessor(timeout=None, startup_timeout=600, kernel_name="python3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder))
        runner.preprocess(book, {"metadata": {"path": str(folder)}})
    return book


def test_a_kernel_runs_a_notebook_to_its_end(executed: nbformat.NotebookNode) -> None:
    outputs = [cell.outputs for cell in executed.cells]
    assert not any(output.output_type == "error" for cell in outputs for output in cell)
    assert "sigmod" in outputs[5][0].text
    assert outputs[6][0].text == "still running\n"
    assert "0.1 is 0.1000000000000000055511" in outputs[7][0].text
    assert "0.0997" in outputs[8][0].data["text/markdown"]


def test_nbconvert_makes_html(executed: nbformat.NotebookNode) -> None:
    page, _ = HTMLExporter().from_notebook_node(executed)
    assert page.count("0.690997") >= 2
    assert 'alttext="z at step 2 equals sigmoid of' in page
    assert page.count("<html") == 1


def test_nbconvert_makes_latex(
    executed: nbformat.NotebookNode, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pandoc = Path(pypandoc.get_pandoc_path()).parent
    monkeypatch.setenv("PATH", f"{pandoc}{os.pathsep}{os.environ['PATH']}")
    source, _ = LatexExporter().from_notebook_node(executed)
    assert source.count("0.690997\\ldots") >= 2
    assert "\\providecommand{\\verifierheading}" in source
    needed = ("ulem.sty", "adjustbox.sty", "tcolorbox.sty")  # what nbconvert's documents load
    (tmp_path / "notebook.tex").write_text(source, "utf-8")
    command = [pdflatex(*needed), "-draftmode", "-interaction=nonstopmode", "notebook.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
