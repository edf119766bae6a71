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
    "step": "step t time timestep schritt zeitschritt etape paso passo stap tijdstap krok adim "
    "zamanadimi шаг времяшаг 步骤 步",
    "name": "name quantity variable größe groesse grandeur magnitud grandezza grandeza variavel "
    "variabile grootheid wielkosc zmienna nicelik buyukluk degisken величина переменная 量",
    "index": f"index i indice indeks индекс 索引 {ENTRIES}",
    "value": "value answer given rounded wert antwort valeur reponse valor respuesta valore "
    "risposta resposta waarde antwoord wartosc odpowiedz deger cevap yanit значение ответ 值 答案",
}
"""The columns of a table with a row an entry."""

PEOPLE: Final = {
    "given": "firstname givenname forename vorname prenom voornaam imie ad adi имя 名 名字",
    "family": "lastname surname familyname nachname familienname nomdefamille apellido apellidos "
    "cognome sobrenome apelido apelidos achternaam familienaam nazwisko soyad soyadi фамилия "
    "姓 姓氏",
    "full": "name fullname student studentname person who participant displayname naam "
    "vollstandigername teilnehmer studierende studierender studentin "
    "nom nometprenom nomcomplet nomprenom prenometnom etudiant etudiante "
    "nombre nombrecompleto nombreyapellidos nombreyapellido apellidosynombre estudiante alumno "
    "alumna nome nomecompleto nomecognome nomeecognome cognomeenome studente studentessa aluno "
    "aluna estudantes estudante nomeesobrenome nomeeapelido nomedoaluno nomedoestudante "
    "nomedellostudente nomeutentecompleto "
    "volledigenaam naamstudent naamvandestudent voorenachternaam voornaamenachternaam deelnemer "
    "imieinazwisko nazwiskoiimie imienazwisko nazwiskoimie uczen uczestnik studentka "
    "adsoyad adisoyadi advesoyad adivesoyadi isim ogrenci ogrenciadi isimsoyisim katilimci "
    "фио фамилияимя имяфамилия фамилияиимя имяифамилия фамилияимяотчество полноеимя студент "
    "студентка участник ученик 姓名 学生 学生姓名 全名",
    "mail": "email emailaddress mail mailaddress emailadresse mailadresse adresseemail adressemail "
    "adresseelectronique adressedecourriel adressecourriel adressedemessagerie courriel mel "
    "correo correoelectronico direcciondecorreo direcciondecorreoelectronico "
    "direccionemail indirizzoemail indirizzodipostaelettronica indirizzodiposta postaelettronica "
    "indirizzomail enderecodeemail enderecoemail enderecodecorreioeletronico "
    "enderecoeletronico correioeletronico emailadres mailadres emailinstitucional "
    "adresemail adresmailowy adresemailowy adrespocztyelektronicznej pocztaelektroniczna "
    "eposta epostaadresi eposta adresieposta mailadresi emailadresi "
    "адресэлектроннойпочты электроннаяпочта электронныйадрес адреспочты почта имейл емейл "
    "邮箱 电子邮件 电子邮件地址 电子邮箱 邮箱地址 邮件地址",
    "id": "id uid uin username user userid login sid sisid sisuserid sisloginid studentid "
    "studentnumber idnumber netid matriculation matriculationnumber orgdefinedid rollnumber rollno "
    "benutzername anmeldename nutzername kennung matrikelnummer matrikelnr matrikel "
    "nomdutilisateur identifiant utilisateur numeroetudiant numerodetudiant "
    "nombredeusuario usuario matricula numerodeestudiante nomeutente utente matricola "
    "numerodimatricola nomedeusuario nomedousuario utilizador nomedeutilizador "
    "numerodematricula numerodealuno numerodoaluno numeroid numerodeidentificacao "
    "gebruikersnaam gebruiker studentnummer studentennummer leerlingnummer idnummer "
    "nazwauzytkownika uzytkownik login numeralbumu nralbumu numerindeksu nrindeksu indeks numerid "
    "kullaniciadi kullanici ogrencino ogrencinumarasi numara okulno kimlikno kimliknumarasi "
    "имяпользователя пользователь логин номерстудента номерзачетки номерзачетнойкнижки "
    "номерстуденческогобилета студенческийбилет идентификатор табельныйномер "
    "用户名 学号 账号 考号",
}
"""The columns that say whose a row is; they do so together."""

PASSED: Final = (
    "timestamp zeitstempel horodateur marcatemporal informazionicronologiche "
    "carimbodedatahora dataehora datahora tijdstempel tijdstip sygnaturaczasowa znacznikczasu "
    "zamandamgasi tarih отметкавремени датаивремя 时间戳记 时间戳 提交时间 "
    "starttime completiontime lastmodifiedtime startzeit fertigstellungszeit submitted submittedat "
    "startedon started completed timetaken state status duration begonnenam begonnen beendet "
    "verbrauchtezeit dauer abgeschlossen commencele termine tempsutilise statut etat comenzadoel "
    "finalizado tiemporequerido estado iniziato completato tempoimpiegato stato iniciadoem "
    "completo tempoutilizado oradiinizio oradicompletamento dataoradiinizio horadeinicio "
    "horadeconclusao iniciada concluida tempogasto tempodecorrido "
    "terminato inizio fine begintijd starttijd eindtijd tijdvanvoltooien voltooid voltooidop "
    "gestartop begonnenop benodigdetijd bestedetijd status "
    "godzinarozpoczecia godzinaukonczenia czasrozpoczecia czasukonczenia rozpoczeto ukonczono "
    "zakonczono wykorzystanyczas stan "
    "baslangicsaati baslangiczamani bitissaati tamamlanmasaati tamamlamasaati "
    "tamamlanmazamani basladi "
    "baslangictarihi tamamlandi bitis gecensure kullanilansure durum "
    "времяначала времясоздания времязавершения времявыполнения началосоздания тестначат завершено "
    "затраченноевремя потраченноевремя прошловремени состояние статус "
    "状态 开始时间 完成时间 耗时 "
    "section sectionid sectionsisid attempt ncorrect nincorrect score total totalscore institution "
    "department language comment comments remarks kommentar bemerkung commentaire comentario "
    "commento commenti comentarios opmerking opmerkingen komentarz uwagi yorum yorumlar aciklama "
    "комментарий комментарии примечание "
    "lateness ipaddress rubric instituicao departamento istituzione dipartimento instelling "
    "afdeling instytucja wydzial kurum bolum учреждение отдел группа grupa groep grup gruppo grupo "
    "turma klasse klasa"
)
"""Columns that hold no answers."""

_MARKS = (
    r"(?:grade|points?|score|feedback|bewertung|punkte|note|calificaci[oó]n|puntos|valutazione|"
    r"punti|punteggio|voto|nota|commenti|pontos|pontua[cç][aã]o|avalia(?:[cç][aã]o|r)|comentários|"
    r"cijfer|punten|beoordeling|ocena|punkty|punktów|wynik|opinia|informacje zwrotne|puan|"
    r"notu?|not|değerlendirme|geri bildirim|оценка|балл(?:ы|ов)?|очки|отзыв|成绩|得分|分数)"
)
_TOTAL = (
    r"(?:(?:total|totale|totaal|summe|suma|łączna liczba|toplam|max\.?|итого|общ(?:ая|ий|ее)|всего)"
    r"\s(?:de\s|di\s|aantal\s)?)?\s*"
)
MARKS: Final = re.compile(
    rf"{_TOTAL}{_MARKS}\s*(?:totali|(?:[-–—:/].*)?)", re.IGNORECASE | re.DOTALL
)
"""Columns of marks, alone or beside each question."""

_RESPONSE = (
    r"(?:response|antwort|réponse|reponse|respuesta|risposta|resposta|antwoord|odpowiedź|odpowiedz|"
    r"yanıt|cevap|ответ|отклик|回答|响应|作答)"
)
RESPONSE: Final = re.compile(rf"{_RESPONSE}\s*(\d{{1,4}})", re.IGNORECASE)
QUESTION: Final = re.compile(
    r"(?:question|frage|pregunta|domanda|pergunta|questão|vraag|pytanie|soru|вопрос|试题|题目)"
    r"\s*(\d{1,4})",
    re.IGNORECASE,
)
_RIGHT = (
    r"right answer|correct answer|richtige antwort|bonne réponse|respuesta correcta|"
    r"risposta corretta|risposta esatta|resposta correta|resposta certa|juiste antwoord|"
    r"poprawna odpowiedź|prawidłowa odpowiedź|doğru yanıt|doğru cevap|правильный ответ|正确答案"
)
RIGHT: Final = re.compile(rf"(?:{_RIGHT})\s*\d{{1,4}}", re.IGNORECASE)
PART: Final = re.compile(
    r"(?:part|teil|partie|parte|deel|część|bölüm|parça|часть|部分)\s*(\d{1,4})\s*[:：]\s*"
    r"([^;；]*+)[;；]?",
    re.IGNORECASE,
)
"""A box of a cloze question in an export of Moodle: part 1: 0.5381; part 2: -."""

SUBMITTED: Final = re.compile(r"submitted[ _]answers?", re.IGNORECASE)
"""The column of PrairieLearn that holds all answers of a question; those beside it hold none."""

_POLITE = re.compile(
    r"^(?:(?:enter|please|your|my|the|bitte|deine?|ihre?n?|dein|mein|votre|ton|tu|su|il|lo|la|el|le|"
    r"tuo|tua|suo|sua|seu|o|a|os|as|jouw|je|uw|mijn|de|het|vul|geef|twoje|twój|twoja|podaj|wpisz|"
    r"senin|sizin|lütfen|ваш|ваше|ваша|твой|твоё|твое|укажите|введите|пожалуйста)\s+)+|^(?:请输入|请填写|您的|你的)+",
    re.IGNORECASE,
)


_SINGLE = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "ё": "е"})
"""Letters whose accents Unicode does not take apart."""


def plain(head: str) -> str:
    """The head of a column as the tables above have it: its letters, small, without accents.

    >>> [plain(head) for head in ("Your e-mail address:", "Prénom", "您的姓名")]
    ['emailaddress', 'prenom', '姓名']
    """
    text = _POLITE.sub("", head.strip(' "*\ufeff')).casefold().translate(_SINGLE)
    text = unicodedata.normalize("NFKD", text)
    letters = (c for c in text if c.isalnum() and not unicodedata.combining(c))
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
    return plain(head) in _ENTRIES or of_row(head) == "value"


def of_person(head: str) -> str | None:
    """What a column says of a person: given, family, full, mail or id."""
    return _PEOPLE.get(plain(head))


def passed_over(head: str) -> bool:
    """Whether a column is known to hold no answers."""
    text = head.strip(' "')
    marks = MARKS.fullmatch(text) or RIGHT.fullmatch(text) or QUESTION.fullmatch(text)
    return not text or marks is not None or plain(text) in _PASSED
