"""Words that several recognisers share: what is said between parts, and what counts or measures."""

from __future__ import annotations

import re

FILLERS = frozenset(
    """
    ah eh em er erm hm hmm mhm mm oh ooh uh uhh uhm um umm well right okay ok yeah yes yep like
    sorry actually wait so
    """.split()
)
"""What people say while they remember the next part of a number or a date."""

_PAUSE = r"(?:u+h+m?|u+m+|e+r+m*|a+h+|h*m+|eh|oh|yeah|yes|sorry|so|well|like)"
GAP = rf"(?:[\s,.;:-]|\b{_PAUSE}\b)+"
"""A regular expression for what may stand between two parts: space, marks, a turn, fillers."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
"""By name and abbreviation."""

UNITS = frozenset(
    """
    mg mgs mcg ug g gm gms gram grams kg kgs kilo kilos kilogram kilograms lb lbs pound pounds
    stone stones ounce ounces oz ml mls l litre litres liter liters milliliter milliliters
    millilitre millilitres milligram milligrams microgram micrograms mil mils unit units iu meq
    mmol mmols millimole millimoles mole moles cc ccs cm cms mm m km centimeter centimeters
    centimetre centimetres millimeter millimeters millimetre millimetres meter meters metre
    metres kilometer kilometers kilometre kilometres mile miles inch inches foot feet yard yards
    percent per percentage degree degrees fahrenheit celsius centigrade point over out of second
    seconds sec secs minute minutes min mins hour hours hr hrs hourly day days daily night
    nights week weeks weekly fortnight fortnights month months monthly year years yr yrs yearly
    decade decades o'clock oclock am pm noon midnight bpm beats breaths rpm times time fold x
    dollar dollars cent cents buck bucks pence pounds sterling quid euro euros rupees grand usd
    gbp eur tablet tablets pill pills capsule capsules dose doses drop drops puff puffs spray
    sprays teaspoon teaspoons tablespoon tablespoons cup cups glass glasses bottle bottles can
    cans pack packs packet packets cigarette cigarettes beer beers drink drinks scoop scoops
    patch patches injection injections shot shots unit vial vials piece pieces slice slices
    calorie calories step steps kid kids child children people persons patients sister sisters
    brother brothers siblings sons daughters boys girls pregnancies grandchildren cats dogs
    visits sessions episodes stitches sutures reps repetitions sets gigabyte gigabytes megabyte
    megabytes hertz volts watts weeks' millimeters mmhg mercury systolic diastolic thousand
    million billion gauge french
    """.split()
)
"""What makes the number before it a quantity."""

QUANTITY_BEFORE = frozenset(
    """
    age aged ages about around roughly approximately nearly almost another only every each take
    takes taking took pressure bp pulse rate temperature temp weigh weighs weighed weight height
    sugar sugars glucose level levels cholesterol saturation sats hemoglobin haemoglobin
    hematocrit sodium potassium creatinine bun wbc platelets platelet score a1c ejection
    fraction dose gravida para grade stage type size page chapter channel volume since in year
    between times least most than over under above below
    """.split()
)
"""What makes the number after it a quantity (or a year)."""

ABBREVIATIONS = frozenset(
    """
    a&e abc abcd abg ac acl adhd adl aed af aids als am anc ards arf asap asd asdf av bbc bca
    bcg bid bmi bmp bnp bp bph bpm bun cabg cad cat cbc cbd cbt ccu cdc ceo cf chd chf cka cmp
    cna cns copd cpap cpr crp csf ct cta cv cva cvs cxr dcis dd ddx ddyyyy dka dm dna dnr dob
    dpt dr dsm dt dui dvd dvt dx ecg echo ecmo ecog ed edta eeg ef ekg emg emr ems ent er ercp
    esr et fbc fda fev ffp fyi gad gbm gbs gcs gerd gfr gi gp gps gu gvhd gyn hcg hcv hdl hep hf
    hiv hmo hpi hpv hr hrt hsv iad ib ibd ibs icd icp icu id ie iga ige igg igm ii iii im iq it
    itu iud iv ivf ivp jak jvd kfc kg kub la lad laser lbp ldl lft lga lima lmp lp lpn lsd lv
    lvef ma mba mca mcl mcv md mdi mesh mg mi mmh mmhg mmr mr mra mri mrsa ms msu mtv mua mvp
    nad nasa nba nfl ng nhl nhs ni nicu nka nkda np npo nsaid nsaids nstemi nsvt ny nyc ob obgyn
    ocd od ok or orif ot otc pa pacu pc pcl pcos pcp pcr pda pdf pe perla pet pf pft phd pic
    picc pid pin pm pmh pms pn po poc ppd ppi prn psa psi pt pta ptsd pud pvc qid qr ra rbc rbcs
    rf rn rna rnp ro rom ros rpm rsv rta rv sad sats sbe scfe sicu sids sob ssri stat std stds
    stemi sti sts sud suv svd svt tb tbi tens thc tia tid tlc tlif tmj tms tnm tpa tpn ts tsh tv
    uihc uk un ups uri url us usa usb uti utis uv vat vip vp vs vsd wbc wbcs wc www xr xyz xyza
    yyyy
    """.split()
)
"""Letters that people say one by one and that name no one; lower case, without points."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
"""A word or a number with what is in it, such as an apostrophe."""
