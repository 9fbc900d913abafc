"""Which school or village a row means: by its code first, else by its name, written as people write it (domain.md §14).

A name decides only where it fits one node alone; the spelling is folded, nothing is guessed.
"""

import re
import unicodedata

from students.rules.identity import strip_typing

COMMITTEE = re.compile(r"(民委员会|委员会|民委会|委会)$")
GROUP_TAIL = re.compile(r"第?([一二三四五六七八九十]+|\d+)(村民小组|小组|组|社)$")
OFFICE = re.compile(r"(人民政府|街道办事处|办事处|政府)$")
HAN_ORDINAL = re.compile(r"第([一二三四五六七八九十]{1,2})(?=[小中初高幼职实完九])")
DIGITS = {word: str(number) for number, word in enumerate("一二三四五六七八九十", 1)}
UNCODED = "X-"  # code of a school whose directory gave none


def fold(text):
    """Half-width, without spaces and brackets: 示范县（东关）第1小学 and 示范县东关第1小学 are one spelling."""
    return re.sub(r"[\s()\[\]【】·.、,\-—]", "", unicodedata.normalize("NFKC", text)).replace("街道办事处", "街道")


def fold_school(text):
    """The same with 第一小学 as 第1小学, 初级中学 as 初中, 高级中学 as 高中."""
    text = HAN_ORDINAL.sub(lambda found: "第" + _ordinal(found[1]), fold(text))
    return text.replace("初级中学", "初中").replace("高级中学", "高中")


def fold_village(text):
    """李家村村民委员会, 李家村委会, 李家村3组 as 李家村."""
    text = GROUP_TAIL.sub("", fold(text))
    return COMMITTEE.sub("", text).replace("村村", "村").replace("社区居", "社区") if COMMITTEE.search(text) else text


def clean_code(text):
    """A code cell without typing: quotes, spaces, full width and a number's .0."""
    return strip_typing(text)[0].removesuffix(".0")


def _ordinal(word):
    if len(word) == 1:
        return DIGITS[word]
    return "1" + DIGITS[word[1]] if word[0] == "十" else DIGITS[word[0]] + "0"


def _unique(pairs):
    """name → code for names that only one node bears; a name borne twice decides nothing."""
    found, twice = {}, set()
    for name, code in pairs:
        if found.setdefault(name, code) != code:
            twice.add(name)
    return {name: code for name, code in found.items() if name and name not in twice}


class Places:
    """Schools, townships and villages of the county by code and by folded name. `nodes`: (kind, code, name); `county`: its name."""

    def __init__(self, nodes, county):
        schools = [(name, code) for kind, code, name in nodes if kind in ("school", "teaching_point")]
        townships = [(name, code) for kind, code, name in nodes if kind == "township"]
        villages = [(name, code) for kind, code, name in nodes if kind == "village"]
        self.schools = {code: name for name, code in schools}
        self.villages = {code for kind, code, _ in nodes if kind in ("village", "group")}
        self.townships = {code for _, code in townships}
        self.county = fold(county)
        places = {self.county, *(fold(name) for name, _ in townships)}
        self.prefixes = sorted({*places, *(self.county + place for place in places)} - {""}, key=len, reverse=True)
        self.school_of_name = _unique((fold_school(name), code) for name, code in schools)
        self.school_of_rest = _unique((self._rest(fold_school(name)), code) for name, code in schools)
        self.township_of_name = _unique((self._bare_township(name), code) for name, code in townships)
        self.village_of_name = _unique((fold_village(name), code) for name, code in villages)
        self.village_of_stem = _unique((_stem(fold_village(name)), code) for name, code in villages)
        self.village_in = _unique(((code[:9], _stem(fold_village(name))), code) for name, code in villages)

    def school(self, code, name):
        """Code of the school that a row names; "" where there is none. A code decides; the name does where no code is given, or where
        the directory knows this school by name alone."""
        code = clean_code(code)
        if code in self.schools:
            return code
        folded = fold_school(name)
        found = self.school_of_name.get(folded) or self.school_of_rest.get(self._rest(folded), "")
        return found if not code or found.startswith(UNCODED) else ""

    def village(self, code, name, township=""):
        """Code of the village that a row names, or of its township where no village is given; "" where the county has none such."""
        code = clean_code(code)
        code = code.ljust(12, "0") if code.isdigit() and len(code) in (6, 9) else code
        if code in self.villages or (code in self.townships and not name):
            return code
        inside = self.township(township) or self._leading_township(name)
        stem = _stem(self._rest(fold_village(name)))
        if name and inside:
            return self.village_in.get((inside[:9], stem), "")
        if name:
            folded = self._rest(fold_village(name))
            return self.village_of_name.get(folded) or self.village_of_stem.get(stem, "")
        return inside if not code else ""

    def township(self, name):
        """Code of a township by its name, with or without 镇, 乡 or 街道 and what stands before it; "" where there is none."""
        return self.township_of_name.get(self._bare_township(name), "") if name else ""

    def _leading_township(self, text):
        """The township that a village's own cell begins with: 东关镇李家村."""
        folded = fold(text)
        lead = next((prefix for prefix in self.prefixes if folded.startswith(prefix) and folded != prefix), "")
        return self.township(lead)

    def _bare_township(self, name):
        text = OFFICE.sub("", fold(name)).removeprefix(self.county)
        return re.sub(r"(街道|镇|乡)$", "", text)

    def _rest(self, folded):
        """The name without the county's and township's names before it, as long as something is left."""
        return next((folded.removeprefix(prefix) for prefix in self.prefixes if folded.startswith(prefix) and folded != prefix), folded)


def _stem(folded):
    return re.sub(r"(行政村|村|社区)$", "", folded) or folded
