"""What the columns of a table hold, by their heads: roles in several languages, and questions."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ENTRIES: Final = (
    "entry entries component element unit eintrag komponente entree composante entrada componente "
    "voce elemento element składowa элемент компонента eleman bileşen component 分量 元素"
)
"""What people count from 1."""

ROWS: Final = {
    "step": "step t time timestep schritt zeitschritt etape paso passo 步骤 步",
    "name": "name quantity variable größe groesse grandeur magnitud grandezza grandeza 量",
    "index": f"index i indice índice indeks 索引 {ENTRIES}",
    "value": "value answer given rounded wert antwort valeur reponse valor respuesta valore "
    "risposta resposta 值 答案",
}
"""The columns of a table with a row an entry."""

PEOPLE: Final = {
    "given": "firstname givenname vorname prenom voornaam 名 名字",
    "family": "lastname surname familyname nachname familienname nomdefamille apellido apellidos "
    "cognome sobrenome apelido achternaam 姓 姓氏",
    "full": "name fullname student studentname person who participant displayname naam "
    "vollstandigername teilnehmer studierende studierender studentin "
    "nom nometprenom nomcomplet nomprenom prenometnom etudiant etudiante "
    "nombre nombrecompleto nombreyapellidos nombreyapellido apellidosynombre estudiante alumno "
    "alumna nome nomecompleto nomecognome nomeecognome cognomeenome studente aluno aluna "
    "nomeesobrenome 姓名 学生 学生姓名 全名",
    "mail": "email emailaddress mail mailaddress emailadresse mailadresse adresseemail adressemail "
    "adresseelectronique adressedecourriel adressecourriel adressedemessagerie courriel mel "
    "correo correoelectronico direcciondecorreo direcciondecorreoelectronico "
    "direccionemail indirizzoemail indirizzodipostaelettronica postaelettronica indirizzomail "
    "enderecodeemail enderecoeletronico 邮箱 电子邮件 电子邮件地址 电子邮箱 邮箱地址 邮件地址",
    "id": "id uid uin username user userid login sid sisid sisuserid sisloginid studentid "
    "studentnumber idnumber netid matriculation matriculationnumber orgdefinedid rollnumber rollno "
    "benutzername anmeldename nutzername kennung matrikelnummer matrikelnr matrikel "
    "nomdutilisateur identifiant utilisateur numeroetudiant numerodetudiant "
    "nombredeusuario usuario matricula numerodeestudiante nomeutente utente matricola "
    "numerodimatricola nomedeusuario nomedousuario utilizador 用户名 学号 账号 考号",
}
"""The columns that say whose a row is; they do so together."""

PASSED: Final = (
    "timestamp zeitstempel horodateur marcatemporal informazionicronologiche "
    "carimbodedatahora 时间戳记 时间戳 提交时间 "
    "starttime completiontime lastmodifiedtime startzeit fertigstellungszeit submitted submittedat "
    "startedon completed timetaken state status duration begonnenam begonnen beendet "
    "verbrauchtezeit dauer abgeschlossen commencele termine tempsutilise statut etat comenzadoel "
    "finalizado tiemporequerido estado iniziato completato tempoimpiegato stato iniciadoem "
    "completo tempoutilizado 状态 开始时间 完成时间 耗时 "
    "section sectionid sectionsisid attempt ncorrect nincorrect score total totalscore institution "
    "department language comment comments remarks kommentar bemerkung commentaire comentario "
    "lateness ipaddress rubric"
)
"""Columns that hold no answers."""

_MARKS = (
    r"(?:grade|points?|score|feedback|bewertung|punkte|note|calificaci[oó]n|puntos|valutazione|"
    r"punti|nota|pontos|成绩|得分|分数)"
)
_TOTAL = r"(?:total\s|summe\s|max\.?\s)?\s*"
MARKS: Final = re.compile(rf"{_TOTAL}{_MARKS}\s*(?:[-–—:/].*)?", re.IGNORECASE | re.DOTALL)
"""Columns of marks, alone or beside each question."""

_RESPONSE = r"(?:response|antwort|réponse|reponse|respuesta|risposta|resposta|回答|响应|作答)"
RESPONSE: Final = re.compile(rf"{_RESPONSE}\s*(\d{{1,4}})", re.IGNORECASE)
QUESTION: Final = re.compile(
    r"(?:question|frage|pregunta|domanda|pergunta|试题|题目)\s*(\d{1,4})", re.IGNORECASE
)
_RIGHT = r"right answer|correct answer|richtige antwort|bonne réponse|respuesta correcta"
RIGHT: Final = re.compile(
    rf"(?:{_RIGHT}|risposta corretta|resposta correta|正确答案)\s*\d{{1,4}}", re.IGNORECASE
)
PART: Final = re.compile(
    r"(?:part|teil|partie|parte|部分)\s*(\d{1,4})\s*[:：]\s*([^;；]*+)[;；]?", re.IGNORECASE
)
"""A box of a cloze question in an export of Moodle: part 1: 0.5381; part 2: -."""

SUBMITTED: Final = re.compile(r"submitted[ _]answers?", re.IGNORECASE)
"""The column of PrairieLearn that holds all answers of a question; those beside it hold none."""

_POLITE = re.compile(
    r"^(?:(?:enter|please|your|my|the|bitte|deine?|ihre?n?|dein|mein|votre|ton|tu|su|il|lo|la|el|le|"
    r"tuo|tua|suo|sua|seu|o)\s+)+|^(?:请输入|请填写|您的|你的)+",
    re.IGNORECASE,
)


def plain(head: str) -> str:
    """The head of a column as the tables above have it: its letters, small, without accents.

    >>> [plain(head) for head in ("Your e-mail address:", "Prénom", "您的姓名")]
    ['emailaddress', 'prenom', '姓名']
    """
    text = unicodedata.normalize("NFKD", _POLITE.sub("", head.strip(' "*\ufeff')))
    letters = (c for c in text.casefold() if c.isalnum() and not unicodedata.combining(c))
    return "".join(letters)


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {plain(word): role for role, words in table.items() for word in words.split()}


_ROWS, _PEOPLE = _by_word(ROWS), _by_word(PEOPLE)
_ENTRIES = frozenset(map(plain, ENTRIES.split()))
_PASSED = frozenset(map(plain, PASSED.split()))


def of_row(head: str) -> str | None:
    """Which part of an entry's row a column holds: step, name, index or value."""
    return _ROWS.get(plain(head))


def is_entry(head: str) -> bool:
    """Whether a column is called after entries, and not after indices."""
    return plain(head) in _ENTRIES


def of_person(head: str) -> str | None:
    """What a column says of a person: given, family, full, mail or id."""
    return _PEOPLE.get(plain(head))


def passed_over(head: str) -> bool:
    """Whether a column is known to hold no answers."""
    text = head.strip(' "')
    marks = MARKS.fullmatch(text) or RIGHT.fullmatch(text) or QUESTION.fullmatch(text)
    return not text or marks is not None or plain(text) in _PASSED
