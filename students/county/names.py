"""Invented names. Rare characters come often enough that every list has some; a name and a birth date together occur once."""

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方白邹孟"
    "熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单解仇查翟缪"
)
COMPOUND_SURNAMES = ("欧阳", "尉迟", "长孙", "上官", "令狐")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英文华玉萍红建国海峰辉宁志远嘉怡子轩浩宇梓涵欣思雨晨一诺诗琪博睿佳"
    "慧春雪梅冬林森泽豪鹏飞翔安乐福生秋菊"
)
RARE = "𬭎㛃䶮堃喆翀淼犇玥昇濛燚"
RARE_SHARE = 0.03
TIBETAN_FIRST = (
    "卓玛", "扎西", "才让", "央金", "格桑", "次仁", "旦增", "拉毛", "多杰", "索南",
    "仁青", "德吉", "尼玛", "达娃", "白玛", "桑吉",
)  # fmt: skip
TIBETAN_LAST = ("卓玛", "顿珠", "央金", "草", "加", "措", "旺姆", "才旦", "平措", "拉姆", "本", "吉", "东知", "群措", "巴", "杰")
UYGHUR_FIRST = ("阿依古丽", "古丽娜尔", "艾力", "买买提", "热依罕", "吐尔逊", "帕提古丽", "木拉提")
UYGHUR_LAST = ("买买提", "艾合买提", "吐尔洪", "阿不都拉", "卡德尔", "玉素甫")
ONE_WORD, DOTTED = "藏族", "维吾尔族"
ETHNIC_GROUPS = ("汉族", "藏族", "回族", "蒙古族", "土家族", "维吾尔族")
ETHNIC_WEIGHTS = (82, 7, 6, 3, 1, 1)


def surname(rng, ethnic: str) -> str:
    """Empty for peoples without surnames."""
    if ethnic in (ONE_WORD, DOTTED):
        return ""
    return rng.choice(COMPOUND_SURNAMES) if rng.random() < 0.01 else rng.choice(SURNAMES)


def full_name(rng, ethnic: str, family: str) -> str:
    """A name of a person of the family; a Tibetan name is one word, a Uyghur one has a middle dot."""
    if ethnic == ONE_WORD:
        return rng.choice(TIBETAN_FIRST) + rng.choice(TIBETAN_LAST)
    if ethnic == DOTTED:
        return f"{rng.choice(UYGHUR_FIRST)}·{rng.choice(UYGHUR_LAST)}"
    length = 1 if rng.random() < 0.3 else 2
    return family + "".join(rng.choice(RARE if rng.random() < RARE_SHARE else GIVEN) for _ in range(length))
