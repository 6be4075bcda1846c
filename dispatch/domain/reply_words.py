"""The words by which a reply is understood, English and Spanish, as patterns over plain tokens.

Tokens are lower case, without accents, apostrophes and punctuation; ``#`` stands for a phone number
and ``sí`` alone keeps its accent: without it the word mostly means "if". Whatever is not listed
here is left to a person, and so nothing that says no, asks or sets terms may be listed under
``YES`` or ``ASSENT``.
"""

from __future__ import annotations

STOP = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
     "alto", "parar"}
)  # fmt: skip
"""Twilio's and the carriers' words of 2025, which work alone, and two in Spanish."""
START = frozenset({"start", "unstop"})
START_AGAIN = frozenset({"yes", "si"})
"""Start texts again where they were stopped, and answer a question where they were not."""
HELP = frozenset({"help", "info", "ayuda"})

STOP_SENTENCE = r"""
    (?:(?:please|por\ favor)\ )?
    (?: stop | stop\ (?:texting|messaging|sending)(?:\ me)?(?:\ (?:texts|messages))?
      | stop\ (?:the\ |these\ |all\ )?(?:texts|messages) | (?:do\ not|dont)\ text\ me
      | no\ more\ (?:texts|messages) | unsubscribe\ me | remove\ me
      | no\ me\ (?:escriban?|manden?|envien?)(?:\ mas)?(?:\ mensajes|\ textos)?
      | no\ mas\ (?:mensajes|textos) | dejen?\ de\ (?:escribirme|(?:mandar|enviar)me\ mensajes) )
    (?:\ (?:again|anymore|any\ more|please|por\ favor|thanks|thank\ you|gracias))*
"""

OPENING = r"""
    (?: hi|hello|hey|hi\ there|hello\ there|good\ (?:morning|afternoon|evening)|oh|ok|okay|great
      | perfect|well|hola|buenos\ dias|buenas\ (?:tardes|noches)|vale|bueno|perfecto|de\ acuerdo )
"""
CLOSING = r"""
    (?: thanks|thank\ you|thank\ you\ (?:so|very)\ much|many\ thanks|thanks\ a\ lot|thx|ty|please
      | sir|maam|have\ a\ (?:good|great|nice)\ (?:day|evening|one)|bye|gracias|muchas\ gracias
      | mil\ gracias|por\ favor|saludos|que\ tenga\ (?:buen|un\ buen)\ dia|senor|senora )
"""
YES = r"""
    (?: yes|y|yep|yeah|yup|yea|sure|absolutely|definitely|certainly|of\ course|affirmative|confirm
      | confirmed|confirming|i\ confirm|i\ do\ confirm|i\ accept|accepted|yes\ i\ do
      | si(?=\ (?:gracias|claro|confirmo|por\ supuesto|con\ gusto|senora?)\b)
      | sí|sip|claro(?:\ que\ sí)?|por\ supuesto|desde\ luego|confirmo|confirmado|confirmada
      | con\ (?:mucho\ )?gusto|acepto )
"""
_DEED = r"""(?: be\ there|come|make\ it|do\ (?:it|that|this)|stay|drive|help|attend|be\ present
      | (?:stay|be|wait)\ with\ (?:him|her|them)|(?:drive|bring|take)\ (?:him|her|them)\ home
      | (?:drive|pick)\ (?:him|her|them)(?:\ up)? )"""
_HECHO = r"""(?: ir|venir|quedarme|manejar|conducir|hacerlo|asistir|estar\ (?:ahi|alli|alla)|ayudar
      | acompanar(?:lo|la|le)|llevar(?:lo|la)(?:\ a\ casa)?|quedarme\ con\ (?:el|ella) )"""
ASSENT = rf"""
    (?: (?:i|we)\ (?:will|can)(?:\ {_DEED})? | (?:ill|well|im\ going\ to|i\ am\ going\ to)\ {_DEED}
      | (?:i|we)\ (?:will\ be|are|am)\ able\ to\ {_DEED} | (?:im|i\ am)\ (?:coming|in|able\ to)
      | (?:you\ can\ )?count\ on\ (?:me|us) | see\ you\ (?:there|then)
      | (?:yo\ )?(?:ahi|alli|alla)\ (?:estare|voy\ a\ estar) | sí\ puedo(?:\ {_HECHO})?
      | (?:yo\ )?(?:estare|voy\ a\ estar)\ (?:ahi|alli|alla|presente|con\ (?:el|ella))
      | (?:yo\ )?voy\ a\ {_HECHO} | yo\ (?:me\ quedo|manejo|conduzco|voy|ire|me\ encargo)
      | yo\ (?:lo|la)\ (?:llevo|acompano|cuido)(?:\ a\ casa)? | (?:cuente|cuenten|cuenta)\ conmigo )
"""

SORRY = r"""
    (?: sorry|im\ sorry|i\ am\ sorry|so\ sorry|im\ so\ sorry|unfortunately|im\ afraid|but
      | lo\ siento(?:\ mucho)?|disculpe|disculpen|perdon|lamentablemente|desafortunadamente|pero )
"""
NO = r"""
    (?: no|nope|nah|n|negative|decline|declined|i\ decline|i\ must\ decline|im\ afraid\ not
      | imposible|rechazo )
"""
DISSENT = rf"""
    (?: (?:(?:i|we)\ )?(?:cant|cannot|can\ not|wont|will\ not)(?:\ be\ able\ to)?(?:\ {_DEED})?
      | ill\ not\ {_DEED} | (?:(?:im|i\ am|we\ are)\ )?(?:unable|not\ able)\ to\ {_DEED}
      | (?:(?:im|i\ am)\ )?(?:not\ available|unavailable) | not\ possible
      | (?:yo\ )?no\ (?:puedo|podre|voy\ a\ poder)(?:\ {_HECHO})? | (?:yo\ )?no\ (?:voy|ire|vengo)
      | no\ (?:estare|voy\ a\ estar)(?:\ (?:ahi|alli|alla|disponible))? | no\ estoy\ disponible
      | no\ (?:me\ )?es\ posible | me\ es\ imposible | no\ asistire )
"""

RELATIONS = {
    "hermana": "sister", "hermano": "brother", "mama": "mother", "madre": "mother", "mom": "mother",
    "mum": "mother", "papa": "father", "padre": "father", "dad": "father", "esposo": "husband",
    "marido": "husband", "esposa": "wife", "hijo": "son", "hija": "daughter", "amigo": "friend",
    "amiga": "friend", "vecino": "neighbor", "vecina": "neighbor", "neighbour": "neighbor",
    "pareja": "partner", "novio": "boyfriend", "novia": "girlfriend", "tia": "aunt", "tio": "uncle",
    "primo": "cousin", "prima": "cousin", "sobrina": "niece", "sobrino": "nephew",
    "nieta": "granddaughter", "nieto": "grandson", "suegra": "mother-in-law",
    "suegro": "father-in-law", "cunada": "sister-in-law", "cunado": "brother-in-law",
    "mother in law": "mother-in-law", "father in law": "father-in-law",
    "sister in law": "sister-in-law", "brother in law": "brother-in-law",
} | {
    one: one
    for one in (
        "sister", "brother", "mother", "father", "husband", "wife", "son", "daughter", "friend",
        "neighbor", "partner", "boyfriend", "girlfriend", "aunt", "uncle", "cousin", "niece",
        "nephew", "granddaughter", "grandson", "roommate", "caregiver", "coworker",
    )
}  # fmt: skip
"""How people name others, and how we do: what they are called is asked by a dispatcher."""

HELPS = r"""
    (?: (?:is\ |are\ )?(?:driving|coming|staying)(?:\ with\ me|\ me\ home|\ me)?
      | (?:(?:will|can|is\ going\ to|would)\ )?(?:drives?|comes?|stays?|helps?)
        (?:\ with\ me|\ me\ home|\ me)?
      | (?:will|can)\ (?:be\ there|be\ with\ me|do\ it)
      | (?:(?:will|can|is\ going\ to)\ )?(?:takes?|brings?|drives?)\ me(?:\ home)?
      | (?:(?:will|can|is\ going\ to)\ )?picks?\ me\ up
      | (?:va\ a\ |puede\ )?(?:maneja|conduce|manejar|conducir|viene|venir)
      | me\ (?:va\ a\ llevar|lleva|acompana|recoge|cuida)(?:\ a\ casa)? | puede\ llevarme(?:\ a\ casa)?
      | (?:va\ a\ |puede\ )?(?:acompanarme|recogerme|quedarse)(?:\ conmigo)?
      | se\ (?:queda|va\ a\ quedar)(?:\ conmigo)? | estara\ conmigo )
"""  # noqa: E501 - a pattern a line
PRESENTS = r"(?:its|it\ is|it\ will\ be|itll\ be|that\ is|thats|es|sera|va\ a\ ser)"
NUMBER_OF = r"""
    (?: (?:her|his|their|the|su|el)\ (?:cell\ )?(?:phone\ number|number|phone|cell|numero|telefono
      |celular|numero\ de\ telefono)(?:\ is|\ es)? | at | call\ (?:her|him|them)(?:\ at)?
      | llamen?\ al | its|it\ is|here\ it\ is|es|es\ el|and|y )
"""

EMERGENCY = r"""
    \b(?: 9\ ?1\ ?1 | 988 | emergenc | ambulanc | chest\ (?:pain|hurt|is\ tight) | heart\ attack
      | (?:pain|tightness|pressure)\ in\ (?:my|his|her|the|their)\ chest
      | (?:cant|cannot|can\ not|not|isnt|stopped|trouble|hard\ to|difficulty|struggling\ to)
        \ (?:breath|catch\ (?:my|his|her)\ breath)
      | (?:short\ of|no)\ breath | suicid | kill\ (?:my|him|her|them)sel[fv]
      | end\ (?:my|his|her)\ life | (?:want|wants|going)\ to\ die | (?:hurt|harm)(?:ing)?\ (?:my|him|her)self
      | overdos | unconscious | passed\ out | (?:wont|not|doesnt|cant)\ wake | unresponsive
      | not\ respond(?:ing)?\b | seizure | seizing | stroke | bleeding | allergic | anaphyl
      | help\ me | socorro | auxilio
      | throat\ is | chok(?:e|ing) | dying | faint | collaps | hallucinat | poison
      | dolor\ (?:de|en\ el)\ pecho | (?:duele|aprieta|oprime)\ (?:el|mi)\ pecho
      | pecho\ me\ (?:duele|aprieta)
      | no\ (?:puedo|puede|pude|podemos)\ respirar | no\ respira | respira\ mal
      | falta\ (?:de|el)\ aire | (?:dificultad|cuesta)\ (?:para\ )?respirar | sin\ aire
      | matar(?:me|se) | quitar(?:me|se)\ la\ vida | (?:quiero|quiere)\ morir
      | hacer(?:me|se)\ dano | sobredosis | inconsciente | desmay | no\ (?:se\ )?despierta
      | no\ reacciona | no\ responde | convuls | derrame | infarto | ataque\ al\ corazon | sangr[ae]
      | ahog | (?:me\ )?(?:estoy\ )?muriendo | alergic | crisis | veneno )
"""  # noqa: E501 - a pattern a line
"""Any of these, wherever it stands: here a wrong alarm is the smaller harm."""

SPANISH = frozenset(
    {"si", "sí", "no puedo", "gracias", "hola", "mi", "el", "la", "los", "puedo", "estare", "claro",
     "confirmo", "alto", "parar", "ayuda", "que", "por", "favor", "siento", "voy", "yo", "es", "su",
     "buenos", "buenas", "para", "pero", "con", "una", "un", "de", "emergencia", "respirar"}
)  # fmt: skip
"""Words that are not English: one of them, and the answer is in Spanish."""
