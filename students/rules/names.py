"""Names: how they are shown, how they are compared, how they are found by pinyin (domain.md §3.4, §14).

Rare characters and variants are kept as they are written; comparison alone folds what is not part of the name.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

DOT = "·"
DOTS = re.compile(r"[\u00b7\u2022\uff0e\u2027\u30fb\uff65\u2219\u22c5\u25cf\u2024\u0387\u16eb\ufe52\ua78f\u2e31.]+")
INVISIBLE = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
VARIATION_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U000323af"
PLAIN_HAN = re.compile(r"[\u4e00-\u9fff]+")
BESIDE_HAN = re.compile(rf"(?<=[{HAN}·])\s+|\s+(?=[{HAN}·])")

# Readings a character has as a surname only; pypinyin would give the everyday one. Own list.
SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge", "员": "yun",
    "乐": "yue", "种": "chong", "繁": "po", "秘": "bi", "覃": "qin", "翟": "zhai", "缪": "miao", "卜": "bu", "召": "shao",
    "折": "she", "黑": "he", "洗": "xian", "祭": "zhai", "隗": "wei", "薄": "bo", "佴": "nai", "牟": "mu", "能": "nai",
    "句": "gou", "阚": "kan", "重": "chong", "都": "du", "藏": "zang",
}  # fmt: skip
COMPOUND_SURNAMES = {
    "长孙": "zhang sun", "尉迟": "yu chi", "万俟": "mo qi", "单于": "chan yu", "澹台": "tan tai", "令狐": "ling hu", "宇文": "yu wen",
    "欧阳": "ou yang", "司马": "si ma", "上官": "shang guan", "诸葛": "zhu ge", "东方": "dong fang", "皇甫": "huang fu",
    "夏侯": "xia hou",
    "慕容": "mu rong", "公孙": "gong sun", "司徒": "si tu", "鲜于": "xian yu", "闾丘": "lv qiu", "亓官": "qi guan", "仲孙": "zhong sun",
    "轩辕": "xuan yuan", "钟离": "zhong li", "濮阳": "pu yang", "淳于": "chun yu", "公冶": "gong ye", "太叔": "tai shu",
    "申屠": "shen tu",
    "赫连": "he lian", "呼延": "hu yan", "南宫": "nan gong", "独孤": "du gu", "端木": "duan mu", "百里": "bai li", "东郭": "dong guo",
    "西门": "xi men", "司空": "si kong", "拓跋": "tuo ba", "乐正": "yue zheng", "宰父": "zai fu", "谷梁": "gu liang", "子车": "zi ju",
}  # fmt: skip


# Peoples whose names have no surname (GB/T 3304): a name of theirs is one word, or one and the father's behind a dot
WITHOUT_SURNAME = frozenset({"02", "04", "05", "17", "29", "41", "43", "50", "54", "55"})
# Words that Tibetan names are made of, for lists that tell no ethnic group. Own list.
TIBETAN_WORDS = re.compile(
    "(?:卓玛|扎西|才让|央金|格桑|次仁|旦增|丹增|拉毛|拉姆|多杰|索南|仁青|德吉|尼玛|达娃|达瓦|白玛|桑吉|顿珠|旺姆|旺堆|才旦|平措|东知|群措|卓嘎|"
    "罗布|洛桑|普布|边巴|巴桑|米玛|次旦|加措|嘉措|旺杰|完么|南加|昂毛|吉毛|项秀|周毛|才仁|更登|尕藏|华旦|措毛|[措草加吉本])+"
)


def is_one_word(name: str, ethnic: str = "") -> bool:
    """Whether the name has no surname, so that name and birth date alone name nobody: by the ethnic group, else by the words it is of."""
    text = clean_name(name)
    if DOT in text:
        return False
    if ethnic in WITHOUT_SURNAME:
        return True
    return len(text) > 1 and not ethnic and bool(TIBETAN_WORDS.fullmatch(text))


def sound(name: str) -> str:
    """Full pinyin by which homophones meet (张钰, 张玉); empty for names that are not Chinese characters with a surname."""
    return pinyin_full(name) if re.fullmatch(rf"[{HAN}]{{2,4}}", clean_name(name)) else ""


def clean_name(raw: str) -> str:
    """The name as it is shown: trimmed, no spaces inside a Chinese name, one kind of middle dot; every character kept."""
    if PLAIN_HAN.fullmatch(raw):
        return raw
    text = DOTS.sub(DOT, INVISIBLE.sub("", raw))
    text = re.sub(r"\s+", " ", BESIDE_HAN.sub("", text.strip()))
    return text.strip(DOT + " '‘’＇")


def name_key(raw: str) -> str:
    """The name as it is compared: NFKC, no spaces, no dots, no variation selectors, case folded."""
    if PLAIN_HAN.fullmatch(raw):
        return raw
    text = unicodedata.normalize("NFKC", VARIATION_SELECTORS.sub("", INVISIBLE.sub("", raw)))
    return re.sub(r"[\s'‘’]", "", DOTS.sub("", text)).casefold()


def pinyin_full(name: str) -> str:
    """Toneless pinyin without spaces: 单雄信 → shanxiongxin; ü is v; characters without a reading stay as they are."""
    return "".join(syllables(name))


def pinyin_initials(name: str) -> str:
    """First letters, lower case: 欧阳修 → oyx; Latin words give their first letter too."""
    if PLAIN_HAN.fullmatch(name) and name[:2] not in COMPOUND_SURNAMES:
        surname = SURNAMES.get(name[0], "") if len(name) > 1 else ""
        return (surname or reading(name[0]))[:1] + "".join([reading(character)[:1] for character in name[1:]])
    return "".join(syllable[0] for syllable in syllables(name) if syllable)


def syllables(name: str) -> list[str]:
    """Readings one by one; the surname by its own table. A name with a dot has no Chinese surname."""
    text = VARIATION_SELECTORS.sub("", clean_name(name)).casefold()
    if DOT in text:
        return [syllable for part in text.split(DOT) for syllable in readings(part)]
    if text[:2] in COMPOUND_SURNAMES and len(text) > 2:
        return COMPOUND_SURNAMES[text[:2]].split() + readings(text[2:])
    if len(text) > 1 and text[0] in SURNAMES:
        return [SURNAMES[text[0]], *readings(text[1:])]
    return readings(text)


def readings(text: str) -> list[str]:
    """A Latin word is one syllable, every other character one each."""
    return [piece if piece.isascii() else reading(piece) for piece in re.findall(r"[a-z0-9]+|[^\s]", text)]


@lru_cache(maxsize=65536)
def reading(character: str) -> str:
    """Everyday reading of one character, cached: a county's names use a few thousand."""
    return lazy_pinyin(character, style=Style.NORMAL, errors="default")[0]
