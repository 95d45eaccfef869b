"""What the scenario says in a call, word for word, as the guide tells to build it.

In the languages of the calls, not in the reader's: what is said is no label. Letters
are the robot's own (:mod:`speech`), so that the preview is what is heard.
"""

# the variables that every scenario knows, and those of richer ones, by their names
PLAIN = ("name", "visit")
RICH = ("weekday", "date", "time", "specialist", "clinic", "address")

GREETING, QUESTION, AGAIN, OTHER_TIME = "greeting", "question", "again", "other_time"
CONFIRMED, DECLINED, OPERATOR = "confirmed", "declined", "operator"
_PLAIN_QUESTION, _RICH_QUESTION, _ADDRESS = "plain", "rich", "address"

_LINES = {
    "ru_RU": {
        GREETING: "Здравствуйте! Вам звонит робот клиники {clinic}.",
        _PLAIN_QUESTION: "{name}, вы записаны на прием: {visit}.",
        _RICH_QUESTION: "{name}, вы записаны на прием {specialist} "
        "{weekday} {date} в {time}.",
        _ADDRESS: "Наш адрес: {address}.",
        QUESTION: "Вы придете?",
        AGAIN: "Извините, я вас не расслышал. Вы придете?",
        OTHER_TIME: "Подобрать вам другое время?",
        CONFIRMED: "Спасибо, мы вас ждем. До свидания!",
        DECLINED: "Хорошо, мы отменим запись. До свидания!",
        OPERATOR: "Соединяю вас с сотрудником клиники.",
    },
    "en_US": {
        GREETING: "Hello! This is the robot of the clinic {clinic}.",
        _PLAIN_QUESTION: "{name}, you have a visit: {visit}.",
        _RICH_QUESTION: "{name}, you have a visit {specialist} "
        "{weekday} {date} at {time}.",
        _ADDRESS: "Our address is {address}.",
        QUESTION: "Will you come?",
        AGAIN: "I am sorry, I did not hear you. Will you come?",
        OTHER_TIME: "Would another time suit you?",
        CONFIRMED: "Thank you, we look forward to seeing you. Goodbye!",
        DECLINED: "All right, we will cancel the visit. Goodbye!",
        OPERATOR: "I am putting you through to the clinic's staff.",
    },
}
LANGUAGES = tuple(_LINES)


def placeholders(names):
    """Values that show the scenario's own variables in a text."""
    return {name: f"{{{{{name}}}}}" for name in names}


def question(lang, variables):
    """The sentence about the visit, and the question.

    :param dict variables: by the names in PLAIN, with or without those in RICH
    """
    lines, is_rich = _LINES[lang], "weekday" in variables
    parts = [lines[_RICH_QUESTION if is_rich else _PLAIN_QUESTION]]
    if variables.get("address"):
        parts.append(lines[_ADDRESS])
    said = " ".join([*parts, lines[QUESTION]]).format(**variables)
    return " ".join(said.split())  # a variable may be empty


def lines(lang, clinic, variables):
    """Everything that the robot says, by GREETING, QUESTION…

    :param str clinic: its name, as it is said
    """
    said = dict(_LINES[lang])
    for name in (_PLAIN_QUESTION, _RICH_QUESTION, _ADDRESS):
        del said[name]
    said[GREETING] = said[GREETING].format(clinic=clinic)
    said[QUESTION] = question(lang, variables)
    return said
