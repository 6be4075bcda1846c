"""Texts as people write them, and what each says: written by hand, by nobody's rules.

What a reader would have to guess at is ``UNCLEAR``: so are most texts that a person answers best.
"""

YES = """
yes | Yes | YES! | yes. | Yes!! | y | Y | yep | Yep! | yeah | yup | sure | Sure! | of course
absolutely | definitely | confirm | Confirmed | I confirm | confirmed, thanks | yes please
ok I'll be there | OK, I’ll be there! | I'll be there | I will be there | Yes, I will be there.
yes i can | I can do it | I can come | I can be there | yes I can stay with her | we will be there
I will drive him home | Yes, I'll drive her home | I can pick her up | I'll stay with him
yes I'm coming | I'm in | count on me | You can count on me! | Yes, see you then | see you there
Hi, yes I can make it | Hello! Yes. Thank you | good morning yes i will | okay yes | well yes
Yes 👍 | YES 🙂 | yes, thank you so much | Of course I will stay with her
sí | Sí | si | SI | ¡Sí! | Si. | sí, gracias | si gracias | claro | claro que sí | por supuesto
confirmo | Sí confirmo | sí, ahí estaré | Si, ahí estaré | ahí estaré | yo me quedo | yo manejo
sí puedo | sí, puedo ir | Hola, sí puedo quedarme | voy a estar ahí | cuente conmigo | Confirmado
hola sí | buenas tardes, si, confirmo | yo la llevo a casa | desde luego | con gusto
"""

NO = """
no | No | NO | No. | nope | Nope, sorry | nah | no sorry | sorry, no | No thanks | no thank you
can't make it | I can't make it | I can’t make it | cant make it | Sorry I can't | I cannot come
I can not be there | unfortunately I can't make it | I won't be able to make it | I won't be there
No, I can't | no i cant do it sorry | I'm not able to come | I am unable to drive | unable to come
i decline | decline | I'm sorry but I can't stay | not available | I'm not available
I will not be able to stay | I'm afraid not | hi, no, i can't drive
no puedo | No puedo ir | no, no puedo | lo siento, no puedo | no podré | No voy a poder ir
no voy a poder | no estaré | no voy | imposible | no estoy disponible | Hola, no puedo, gracias
lo siento mucho, no podré quedarme | no es posible | no puedo manejar
"""

NAMES = """
my sister drives | My sister will drive | my husband is driving me home | My mom can stay with me
my wife will pick me up | my brother is coming | My neighbor takes me home | it's my sister
My daughter will be there | yes my friend will drive me | my son can drive me home. Thanks
my sister drives, 202 555 0123 | My sister 202-555-0123 | my mom, her number is (202) 555-0123
my friend 2025550123 will drive me | Hi, my dad drives me: +1 202 555 0123 | my mother in law drives
mi hermana maneja | mi hermana me lleva | Mi mamá se queda conmigo | mi esposo va a manejar
mi vecina me acompaña | es mi hermano | mi hija viene | mi hermana, su número es 202 555 0123
mi hermana maneja, 202 555 0123 | mi amigo me recoge
"""

NUMBER = """
202 555 0123 | 202-555-0123 | (202) 555-0123 | +12025550123 | 2025550123
her number is 202 555 0123 | it's 202.555.0123
His phone number is 202 555 0123, thanks | su número es 202 555 0123
el celular es 202 555 0123 | ok 202 555 0123
"""

THANKS = """
thanks | Thank you! | thx | thank you so much | gracias | muchas gracias | ok thanks | ok, gracias
"""

EMERGENCY = """
I have chest pain | chest pains since this morning | my chest hurts
I can't breathe | i cant breath | having trouble breathing
she is not breathing | he won't wake up | she passed out | unconscious
I want to die | thinking about suicide | I feel suicidal | I'm going to kill myself | end my life
I took too many pills, overdose | call 911 | should I call 911? | 911 | this is an emergency
she's having a seizure | I think he is having a stroke | heart attack | bleeding a lot
allergic reaction | my throat is closing | help me | he collapsed | I am going to hurt myself
yes, but she has chest pain | me duele el pecho | dolor de pecho | no puedo respirar | no respira
me falta el aire | quiero morir | pienso en el suicidio | quiero quitarme la vida | sobredosis
está inconsciente | se desmayó | es una emergencia | llamen una ambulancia | está convulsionando
no despierta | le dio un infarto | está sangrando mucho | ¿llamo al 911?
"""

UNCLEAR = """
ok | Ok. | okay | k | 👍 | great | maybe | perhaps | I think so | probably | not sure | I guess
yes? | sí? | ¿sí? | yes but I can't | yes but only until 3 | yes if I get off work | yes and no
yes, no, I don't know | yes I can't | not yes | I said yes to Tuesday | Yes on Wednesday | yesterday
yes maybe | Yes... probably | sure if the car works | I could come | I should be there | I might
I'll try | I will try to be there | I hope so | can I come later? | What time? | Who is this
wrong number | who gave you my number | why | what is this about | call me | please call me back
no problem | no worries | No, I'll be there | no, I can | not a problem | no idea | no more wine
I can't wait | don't worry, I'll be there | nobody told me | no wait yes | I can't say yet
I can't hear you | I'm running late | be there in 10 | where do I park? | can you move it to 4?
can we reschedule | please cancel my visit | I need to change the time | I moved to a new address
my sister can't drive | my sister drives? | my sister or my brother | my sister drove last time
my sister won't be there | not my sister | my dog will drive | sister | her sister drives
my sister drives but I don't know | my husband died | 202 555 0123 or 202 555 0124 | 555 0123
12/1 at 9:30 | room 2025 | I feel better | I feel sick | it hurts a bit | is it normal to be dizzy?
si puedo | si puedo voy | si Dios quiere | tal vez | quizás | creo que sí | no sé | a lo mejor
sí pero no puedo | sí, si salgo temprano | depende | ¿quién es? | ¿a qué hora? | número equivocado
no hay problema | no se preocupe, ahí estaré | puedo ir | mi hermana no puede | mi hermana o mi tía
mañana le digo | llámeme por favor | Liked “Can you still be there?”
Yes [attachment] | 1 | 2 | yes 2
"""

CORPUS = {
    "yes": YES,
    "no": NO,
    "names": NAMES,
    "number": NUMBER,
    "thanks": THANKS,
    "emergency": EMERGENCY,
    "unclear": UNCLEAR,
}
PHRASES = [
    (said.strip(), meaning)
    for meaning, lines in CORPUS.items()
    for said in lines.replace("\n", "|").split("|")
    if said.strip()
]
STOPS = """
STOP | stop | Stop. | STOPALL | stop all | Unsubscribe | CANCEL | end | QUIT! | revoke | OPTOUT
opt out | Opt-out | ALTO | alto | Parar | S T O P | stop please | please stop | stop texting me
Don't text me | no me escriban más | "STOP"
"""
STARTS = "START | start. | UNSTOP | Start!"
HELPS = "HELP | help | Help! | INFO | ayuda | ¿Ayuda?"
NO_COMMANDS = """
don't stop | stop by at nine | the end | cancel my visit | I quit smoking
please help | information
I'll be there when you stop | helpful | starting when? | yes | no | bus stop | non stop
"""


def each(phrases: str) -> list[str]:
    return [one.strip() for one in phrases.replace("\n", "|").split("|") if one.strip()]
