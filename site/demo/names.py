"""Words of the invented world: nobody and no school in it exists.

Each table is one text: a line is one entry, its parts are set apart by blanks or by `|`.
"""

from dataclasses import dataclass


def words(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in text.strip().splitlines())


def lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


# ── places: the first half and the second half of a name ─────────────────────
FIRST_HALVES = words("""
    朝凪 あさなぎ Asanagi
    月影 つきかげ Tsukikage
    星見 ほしみ Hoshimi
    風待 かぜまち Kazemachi
    雲居 くもい Kumoi
    虹架 にじかけ Nijikake
    瑠璃 るり Ruri
    琥珀 こはく Kohaku
    木漏日 こもれび Komorebi
    蛍沢 ほたるざわ Hotaruzawa
    夕凪 ゆうなぎ Yunagi
    雪解 ゆきげ Yukige
    陽向 ひなた Hinata
    霧原 きりはら Kirihara
    潮見 しおみ Shiomi
    鈴懸 すずかけ Suzukake
    花水木 はなみずき Hanamizuki
    千鳥 ちどり Chidori
    藤波 ふじなみ Fujinami
    灯台 とうだい Todai
    銀杏 いちょう Icho
    若竹 わかたけ Wakatake
    架橋 かけはし Kakehashi
    帆立 ほたて Hotate
    水無月 みなづき Minazuki
    白波 しらなみ Shiranami
    汐見 しおみ Shiomi
    浜風 はまかぜ Hamakaze
    朝霧 あさぎり Asagiri
    麦野 むぎの Mugino
    石蕗 つわぶき Tsuwabuki
    星降 ほしふり Hoshifuri
    潮音 しおね Shione
    涼風 すずかぜ Suzukaze
    松籟 しょうらい Shorai
    深緑 ふかみどり Fukamidori
    早苗 さなえ Sanae
    稲穂 いなほ Inaho
    露草 つゆくさ Tsuyukusa
    初霜 はつしも Hatsushimo
""")
SECOND_HALVES = words("""
    台 だい dai
    浜 はま hama
    原 はら hara
    坂 ざか zaka
    ヶ丘 がおか gaoka
    ヶ浦 がうら gaura
    平 だいら daira
    岬 みさき misaki
    の森 のもり nomori
    瀬 せ se
""")

# ── people ────────────────────────────────────────────────────────────────────
FAMILIES = words("""
    風間 かざま Kazama
    雪村 ゆきむら Yukimura
    榊原 さかきばら Sakakibara
    鷹取 たかとり Takatori
    日向 ひなた Hinata
    月岡 つきおか Tsukioka
    潮崎 しおざき Shiozaki
    雨宮 あめみや Amemiya
    楠本 くすもと Kusumoto
    白鳥 しらとり Shiratori
    森脇 もりわき Moriwaki
    若宮 わかみや Wakamiya
    氷室 ひむろ Himuro
    花村 はなむら Hanamura
    岩瀬 いわせ Iwase
    椎名 しいな Shiina
    藤堂 とうどう Todo
    葉山 はやま Hayama
    瀬名 せな Sena
    小山内 おさない Osanai
    柚木 ゆずき Yuzuki
    真柴 ましば Mashiba
    千石 せんごく Sengoku
    青柳 あおやぎ Aoyagi
    栗原 くりはら Kurihara
    深津 ふかつ Fukatsu
    三雲 みくも Mikumo
    梶谷 かじたに Kajitani
    戸川 とがわ Togawa
    滝沢 たきざわ Takizawa
    八重樫 やえがし Yaegashi
    浅海 あさみ Asami
    冬木 ふゆき Fuyuki
    城戸 きど Kido
    東雲 しののめ Shinonome
    永瀬 ながせ Nagase
    槙野 まきの Makino
    磯部 いそべ Isobe
    有明 ありあけ Ariake
    高嶺 たかみね Takamine
    名取 なとり Natori
    仁科 にしな Nishina
    野々宮 ののみや Nonomiya
    篠塚 しのづか Shinozuka
    帯刀 たてわき Tatewaki
    湯浅 ゆあさ Yuasa
    来栖 くるす Kurusu
    矢吹 やぶき Yabuki
    緑川 みどりかわ Midorikawa
    吉備 きび Kibi
""")
GIVEN_NAMES = words("""
    涼太 りょうた Ryota
    さくら さくら Sakura
    航 わたる Wataru
    美月 みつき Mitsuki
    大地 だいち Daichi
    千尋 ちひろ Chihiro
    健 けん Ken
    彩花 あやか Ayaka
    拓真 たくま Takuma
    由紀 ゆき Yuki
    智也 ともや Tomoya
    遥 はるか Haruka
    翔 しょう Sho
    葵 あおい Aoi
    直樹 なおき Naoki
    真理 まり Mari
    悠 ゆう Yu
    恵 めぐみ Megumi
    誠 まこと Makoto
    奈緒 なお Nao
    隼人 はやと Hayato
    志保 しほ Shiho
    光 ひかる Hikaru
    絵里 えり Eri
    亮介 りょうすけ Ryosuke
    結衣 ゆい Yui
    純 じゅん Jun
    和子 かずこ Kazuko
    創 そう So
    薫 かおる Kaoru
""")


@dataclass(frozen=True)
class PersonName:
    ja: str
    kana: str
    en: str

    @property
    def mailbox(self) -> str:
        """kazami.ryo for Ryo Kazami: the given name stands first in English."""
        given, family = self.en.lower().rsplit(" ", 1)
        return f"{family}.{given}".replace(" ", "-")


def person_name(number: int) -> PersonName:
    """The name of the number-th person; the first 1,500 differ from each other."""
    family = FAMILIES[number % len(FAMILIES)]
    given = GIVEN_NAMES[(number + number // len(FAMILIES) * 3) % len(GIVEN_NAMES)]
    return PersonName(f"{family[0]} {given[0]}", f"{family[1]} {given[1]}", f"{given[2]} {family[2]}")


# ── ambassadors: headline | headline in English | what they did | the same in English | competences ─────────
@dataclass(frozen=True)
class Calling:
    headline_ja: str
    headline_en: str
    about_ja: str
    about_en: str
    competences: tuple[str, ...]


CALLINGS = tuple(
    Calling(*parts[:4], tuple(parts[4].split()))
    for parts in (
        [part.strip() for part in line.split("|")]
        for line in lines("""
    海藻の養殖会社 代表 | Founder of a seaweed farm | 港町で使われなくなった筏を借り、海藻の養殖を始めました。 | Began to grow seaweed on rafts that a harbour town no longer used. | 1.1 2.2 2.3
    木製おもちゃの工房 代表 | Runs a workshop for wooden toys | 間伐材でおもちゃを作り、全国の保育園に届けています。 | Makes toys from thinned wood and sends them to nurseries all over the country. | 1.2 1.5 3.2
    空き家の再生会社 代表 | Founder of a company that revives empty houses | 空き家を一軒ずつ直し、若い人が店を開ける場所に変えてきました。 | Repairs empty houses one by one so that young people can open shops in them. | 1.1 2.5 3.3
    手話の通訳サービス 代表 | Founder of a sign language service | 病院の窓口で困った経験から、画面ごしの手話通訳を始めました。 | Started sign language by video after a hard day at a hospital counter. | 1.1 1.5 2.5
    規格外野菜の加工会社 代表 | Makes food from vegetables that do not fit the norm | 捨てられていた野菜をスープにして、農家と一緒に売っています。 | Turns vegetables that were thrown away into soup and sells it together with farmers. | 1.4 2.3 2.4
    小型衛星の部品メーカー 代表 | Makes parts for small satellites | 町工場の技術を集め、小さな衛星の部品を作っています。 | Brings the skills of small workshops together to make parts of satellites. | 1.3 3.2 3.3
    移動図書館の運営者 | Runs a travelling library | 本屋のない地域を、中古のバスで毎週まわっています。 | Drives an old bus every week to places without a bookshop. | 1.2 2.2 3.1
    高齢者の見守り機器メーカー 代表 | Makes devices that watch over older people | 離れて暮らす祖母のために作った機械が、会社の始まりでした。 | A device built for a grandmother far away became the beginning of a company. | 1.1 1.4 3.5
    伝統染物の工房 五代目 | Fifth head of a dye works | 家業の染物を、学生と考えた新しい柄で海外にも広げています。 | Takes the family's dyeing abroad with patterns made together with students. | 1.2 1.3 2.1
    教材アプリの開発会社 代表 | Founder of a company for learning apps | 学校を休みがちだった経験から、自分のペースで学べる教材を作りました。 | Made lessons for one's own pace after missing much of school. | 2.1 2.2 3.5
    地域新電力の会社 代表 | Founder of a local power company | 用水路の小さな水車から、町の電気を作っています。 | Makes the town's electricity from small wheels in its canals. | 1.5 2.4 3.2
    車いす旅行の案内会社 代表 | Plans journeys for people in wheelchairs | 旅先の段差を一つずつ調べ、だれでも行ける旅を作っています。 | Looks at every step on the way so that everybody can travel. | 1.1 2.5 3.4
    昆虫食の研究会社 代表 | Researches insects as food | 研究室の小さな実験を、給食にも出せる食品に育てました。 | Grew a small experiment in a laboratory into food for school lunches. | 1.2 3.1 3.3
    古着の修理店 代表 | Runs a shop that mends clothes | 一着を長く着る文化を広げたくて、商店街に修理の店を開きました。 | Opened a repair shop so that clothes are worn for longer. | 1.5 2.3 3.1
    災害支援のNPO 理事長 | Chairs a non-profit for disaster relief | 避難所で足りないものを、半日で届けるしくみを作りました。 | Built a way to bring what a shelter lacks within half a day. | 2.5 3.2 3.4
    音の出る地図の開発者 | Develops maps that speak | 目の見えない友人と歩きながら、声で案内する地図を作っています。 | Walks with a blind friend to make maps that guide by voice. | 1.1 1.2 3.4
    山村の宿 女将 | Keeps an inn in a mountain village | 七軒だけの村で宿を始め、季節の手仕事を旅の目的にしました。 | Opened an inn in a village of seven houses; its crafts became a reason to travel. | 1.3 2.3 2.5
    医療用センサーの研究者、共同創業者 | Researcher and co-founder, medical sensors | 大学の研究を病院で使える形にするまで、十年かかりました。 | Took ten years to bring university research into hospitals. | 2.2 3.3 3.5
    フェアトレードの輸入会社 代表 | Imports under fair trade | 産地に通い、作り手の名前がわかる品物を届けています。 | Visits the makers and brings goods that carry their names. | 1.5 2.4 3.4
    子ども食堂の代表 | Runs a dining room for children | 週に一度の食堂を、町の企業と続けられる事業にしました。 | Turned a weekly supper into something that lasts, with the firms of the town. | 2.3 2.5 3.1
""")
    )
)
SAYS_IN_CLASS = tuple(
    tuple(part.strip() for part in line.split("|"))
    for line in lines("""
    授業では、うまくいかなかった話から始めます。 | Lessons begin with what went wrong.
    授業では、身の回りの「困った」を一つ持ち寄ってもらいます。 | Pupils bring one small trouble from their own surroundings.
    授業では、紙と段ボールで試作までやってみます。 | In class everybody builds a first model from paper and cardboard.
    授業では、正解のない問いを班で話し合います。 | Groups talk about a question that has no right answer.
    授業では、質問の時間をたっぷり取ります。 | There is plenty of time for questions.
    """)
)
BRINGS = tuple(
    tuple(part.strip() for part in line.split("|"))
    for line in lines("""
    1コマでも2コマでもできます。前半は体験談、後半は班での話し合いです。 | One period or two: first a story, then work in groups.
    身の回りの課題を見つける練習を、学年全体でも1クラスでもできます。 | Practice in finding problems around us, for a class or a whole grade.
    探究の中間発表に、問いを深める助言をします。 | Advice on pupils' own inquiries, half way through.
    試作品を持って行きます。手に取りながら質問してください。 | Brings models that pupils can take in their hands.
    """)
)
PROPOSED = (
    (
        "今年からは、地域の商店街と組んだ授業も始めました。",
        "New this year: lessons together with the shops of the neighbourhood.",
    ),
    ("オンラインでは、仕事場を案内しながら話します。", "Online lessons include a walk through the workplace."),
)
HOMES_ABROAD = words("""
    DE Europe/Berlin
    US America/Los_Angeles
    SG Asia/Singapore
    GB Europe/London
    AU Australia/Sydney
""")
FROM_ABROAD = (
    PersonName("リナ・ヴェストベルグ", "りな・う゛ぇすとべるぐ", "Lina Vestberg"),
    PersonName("テオ・アダイエ", "てお・あだいえ", "Theo Adaye"),
)

# ── lessons ───────────────────────────────────────────────────────────────────
AIMS = tuple(
    tuple(part.strip() for part in line.split("|"))
    for line in lines("""
    story | 失敗してもやり直せることを、実際に挑戦した人の言葉で知ってほしい。進路を考え始める前に聞かせたい。
    story | 身近な大人とは違う生き方に出会い、自分にもできそうだと感じてほしい。
    finding | 毎日の生活の中にある困りごとに気づき、自分の言葉で問いにできるようになってほしい。
    finding | 地域を歩いて集めた気づきを、解きたい問題として整理させたい。
    ideas | 思いつきを試作にして、人に見せて直すところまで体験させたい。
    ideas | 文化祭の企画を題材に、アイデアを形にする手順を学ばせたい。
    local | 地域の産物を使った商品の案を、外の人の目で見てもらいたい。
    local | 人口が減る町で何ができるかを、実際に事業をしている人と考えさせたい。
    career | 働くことの意味を、会社に勤める以外の道も含めて考える機会にしたい。
    career | 高校卒業後の進み方を、興味と社会のつながりから考えさせたい。
    inquiry | 探究の中間発表に助言をもらい、後半の計画を立て直させたい。
    inquiry | 班ごとの発表に質問をしてもらい、根拠を確かめる姿勢を育てたい。
""")
)
LESSON_NAMES = ("総合的な探究の時間", "総合的な学習の時間", "特別活動（学級活動）", "課題研究", "公共", "家庭")
ROOMS = ("視聴覚室", "体育館", "多目的ホール", "2年3組の教室", "図書室", "会議室")
EQUIPMENT = (
    "プロジェクター、スピーカー",
    "大型の画面、生徒1人1台の端末",
    "プロジェクター、ホワイトボード",
    "大型の画面、マイク2本",
)
COMMENTS = lines("""
    失敗の話を聞いているとき、生徒の顔つきが変わりました。授業のあとも質問の列ができていました。
    班での話し合いが活発でした。普段は発言の少ない生徒も自分の考えを話していました。
    試作の時間が足りないほど夢中になっていました。次の探究の時間に続きを行います。
    地域の課題を自分のこととして考える感想が多く見られました。
    事前に調べた内容を直接たずねることができ、学びが深まりました。
    オンラインでも画面の向こうから一人ひとりに声をかけていただき、集中して聞いていました。
""")
AMBASSADOR_COMMENTS = lines("""
    問いの質が高く、こちらが考えさせられました。続きを聞かせてください。
    最初の一歩を小さくする、という話を覚えていてくれたらうれしいです。
    先生方の準備のおかげで、よい時間になりました。
""")
DECLINE_NOTES = lines("""
    その週は出張のため伺えません。翌月なら調整できます。
    同じ日に別の予定があります。
    小学生への授業の経験がないため、今回は見送ります。
""")
REASONS_TO_CANCEL = lines("""
    体調を崩したため伺えなくなりました。申し訳ありません。
    急な出張が入り、伺えなくなりました。
""")
REASONS_TO_WITHDRAW = lines("""
    学校行事の日程が変わり、実施できなくなりました。
    学年の計画を見直すことになりました。来年度にあらためて申し込みます。
    インフルエンザで学年閉鎖となるおそれがあり、取り下げます。
""")
REASONS_TO_DECLINE = lines("""
    希望の日時に伺える推進大使が見つかりませんでした。別の日時でのお申込みをお待ちしています。
    今年度すでに2回の訪問があるため、はじめての学校を優先しています。
""")
REASONS_TO_WAIT = lines("""
    今月は申込みが集中しているため、受付の順にご案内します。
    ご希望の地域に伺える推進大使の予定がいっぱいです。空きが出しだい、順にご案内します。
""")
REASONS_TO_HAND_BACK = ("参加する人数が学校の在籍数より多いようです。もう一度確かめてください。",)
HOW_VOUCHED = ("代表番号に電話し、教頭先生に在籍を確認しました。", "代表番号に電話し、事務室で担当を確認しました。")

# ── organisations: slug | name | reading | English ────────────────────────────
ORGANISATIONS = tuple(
    tuple(part.strip() for part in line.split("|"))
    for line in lines("""
    nijikake-foundation | 公益財団法人虹架教育財団 | にじかけきょういくざいだん | Nijikake Education Foundation | 13
    hoshimi-chamber | 星見商工会議所 | ほしみしょうこうかいぎしょ | Hoshimi Chamber of Commerce | 27
    kazemachi-city | 風待市 | かぜまちし | Kazemachi City | 40
    ruri-finance | 瑠璃政策金融公庫 | るりせいさくきんゆうこうこ | Ruri Policy Finance Corporation | 13
    minatomachi-npo | NPO法人みなと挑戦ひろば | みなとちょうせんひろば | Minato Challenge Square | 14
    hatsushimo-research | 国立研究開発法人初霜技術機構 | はつしもぎじゅつきこう | Hatsushimo Technology Agency | 04
""")
)
BODY_OF_THE_DESK = "推進大使派遣事務局（虹架教育財団・風待総合研究所 共同体）"
