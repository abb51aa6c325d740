"""The fifteen competences of EntreComp, in both languages.

Source: Bacigalupo, M., Kampylis, P., Punie, Y., Van den Brande, G. (2016), EntreComp: The Entrepreneurship Competence
Framework, EUR 27939 EN, doi:10.2791/593884, © European Union, 2016; reproduction authorised with acknowledgement.
The Japanese names are an unofficial translation; terms the ministry uses in 日本版EntreComp v1 are kept.
"""

KEY = "entrecomp"
NAME_JA = "EntreComp（起業家的能力の枠組み）"
NAME_EN = "EntreComp: The Entrepreneurship Competence Framework"
SOURCE = "Bacigalupo et al. (2016), EUR 27939 EN, doi:10.2791/593884, © European Union"
VERSION = "2016"

AREAS = {"1": ("アイデアと機会", "Ideas and opportunities"), "2": ("資源", "Resources"), "3": ("行動へ", "Into action")}
COMPETENCES = (
    ("1.1", "機会の発見", "Spotting opportunities"),
    ("1.2", "創造性", "Creativity"),
    ("1.3", "ビジョン", "Vision"),
    ("1.4", "アイデアの価値づけ", "Valuing ideas"),
    ("1.5", "倫理的で持続可能な思考", "Ethical and sustainable thinking"),
    ("2.1", "自己認識と自己効力感", "Self-awareness and self-efficacy"),
    ("2.2", "意欲と粘り強さ", "Motivation and perseverance"),
    ("2.3", "資源の動員", "Mobilising resources"),
    ("2.4", "金融・経済リテラシー", "Financial and economic literacy"),
    ("2.5", "他者の巻き込み", "Mobilising others"),
    ("3.1", "率先した行動", "Taking the initiative"),
    ("3.2", "計画とマネジメント", "Planning and management"),
    ("3.3", "不確実性、曖昧さ、リスクへの対処", "Coping with uncertainty, ambiguity and risk"),
    ("3.4", "他者との協働", "Working with others"),
    ("3.5", "経験からの学び", "Learning through experience"),
)
