"""The clinical facts the service is built on: one row each, with the pages it was read on.

Pages: A a Maryland infusion clinic, B a stress-and-pain clinic, C a practice of medication-assisted
psychotherapy, D a house-call company, E a clinic with several sites. A row is proven by a function
of this folder that carries its id: see ``proof.proves``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    id: str
    pages: str
    says: str


FACTS = tuple(
    Fact(*row.split(" | "))
    for row in """
who.age | A | Adults only: 18 years or more.
who.diagnosis | AE | Major, refractory or bipolar depression, PTSD, OCD, chronic pain, CRPS.
who.resistant | AE | Other treatment was tried and did not help.
who.two_regimens | D | Resistant depression: two failed regimens, each named.
who.anxiety | BDE | Anxiety may be treated.
who.neuropathic_pain | B | Neuropathic pain may be treated.
who.fibromyalgia | BE | Fibromyalgia may be treated.
who.suicidal_ideation | D | Chronic suicidal ideation may be treated; a clinician looks first.
who.postpartum | D | Postpartum depression may be treated.
who.alcohol | C | Alcohol use disorder: one infusion, off-label, with motivational therapy.
who.opioids | C | Opioid use disorder goes to a clinician.
who.situational | E | Low mood from a passing situation is not treated.
who.own_provider | ABE | A current mental-health provider, named with contact, goes on treating.
who.difficult_iv | A | Difficult veins: a nurse with that skill, or nobody.
who.clearance | BD | A licensed provider screens: dated, and it expires.
who.order | BD | A prescriber orders by weight: dated, and it expires.
who.dose | BD | The dose follows the weight of that day, within what was ordered.
never.blood_pressure | A | Uncontrolled blood pressure.
never.heart | A | Unstable heart disease.
never.thyroid | A | Untreated thyroid disease.
never.substances | A | Active substance abuse.
never.mania | A | Current mania.
never.psychosis | A | Active psychosis.
never.pregnancy | D | Pregnancy.
never.breastfeeding | D | Breastfeeding.
never.schizophrenia | D | Schizophrenia.
review.blood_pressure | D | High blood pressure.
review.aneurysm | D | Aneurysm.
review.intracranial | D | Raised pressure in the head.
review.arrhythmia | D | Irregular heartbeat.
review.liver | D | Liver dysfunction.
review.breathing | D | Respiratory risk.
review.alcohol_or_drugs | D | Alcohol or other drugs.
review.opioid_blockers | C | Opioid blockers, which may weaken the effect.
review.benzodiazepines | E | Benzodiazepines.
visit.forty_minutes | AE | The infusion takes 40 minutes.
visit.slower | A | It may take up to 60: the rate can go down and the end is when it ends.
visit.peak | A | Effects peak at the end: nobody is left then, or watched any less.
visit.ninety_minutes | A | A visit takes at least 90 minutes from door to door.
visit.recovery | E | One to two hours of recovery are typical.
visit.iv_stays | E | The IV stays in until the patient has recovered.
visit.baseline | A | Blood pressure, heart rate, oxygen saturation and weight before the infusion.
visit.throughout | ACE | Blood pressure, heart rate and oxygen saturation throughout.
visit.clinician_looks_in | B | A clinician watches so many infusions at once and no more.
visit.rate | E | The rate can be changed.
visit.antiemetic | C | An antiemetic is at hand, and recorded when given.
visit.room | AE | A private, quiet room.
visit.music | AE | Music if wanted.
visit.side_effects | ABCDE | Each side effect can be recorded by its name.
visit.no_driving | E | Nobody drives, or does anything else that day.
visit.persisting | C | Who still feels it the next day calls.
visit.off_label | BCDE | The signed consent says that the use is off-label.
series.six | A | Six infusions.
series.six_to_eight | D | Six to eight infusions.
series.boosters_grow | D | Boosters weeks to months apart, the intervals grow.
series.no_booster | D | Some need no booster: none is pressed on anybody.
series.weekly | B | Weekly for two to three weeks.
series.monthly_if_improved | B | Then monthly, only if significantly improved.
series.four_weekly | C | Boosters every four weeks on average, and very variable.
medication.two_weeks | E | Benzodiazepines end two weeks before, agreed with one's own provider.
medication.never_told_to_stop | E | No text or answer tells a patient to stop taking something.
medication.most_continues | CE | Most other medication continues and stands in nobody's way.
around.nurse_travels | D | Certified nurses travel to the patient.
around.phone_or_online | D | A dispatcher books on the phone, or the patient online.
around.telemedicine | D | A consult by video before, and a follow-up without another visit.
around.many_states | D | Several states, licences and time zones.
around.coverage_unknown | ABC | Coverage is unknown by default; the price is shown first.
around.billing_codes | A | Codes for the insurer on request.
around.results_shared | ABE | With consent, results go to therapist and physician.
disagree.series_shapes | ABCDE | Five shapes, with counts, gaps, and what comes before a phase.
disagree.driver | ADE | At the residence an adult stays; elsewhere a driver is confirmed.
disagree.not_left_at_home | ABCDE | The nurse takes back every milligram; the count ends at zero.
disagree.breathing | ADE | Oxygen saturation and respiratory rate are always charted.
disagree.breastfeeding_each_visit | D | Breastfeeding is asked at every visit.
disagree.substance_abuse | AC | The exclusion belongs to the protocol.
disagree.monitoring | ACE | Monitoring throughout, not at times.
beyond.fasting | - | Fasting is shipped as not approved.
beyond.limits | - | The limits for beginning are shipped as not approved.
beyond.alcohol | - | No alcohol for a day or more is shipped as not approved.
beyond.companion_hours | - | How long a companion stays is shipped as not approved.
beyond.no_driving | - | No driving for a day is shipped as not approved.
beyond.demo_only | - | What has an unapproved rule can be booked in the demo market only.
""".strip().splitlines()
)
