"""Lines and pages with places for names, dates and numbers: see `screen_lines.py`."""

from __future__ import annotations

# [kind:text]; G given name, S surname, g s in capitals, I initial; D dates, N numbers.
LINES = """
[name:{s}, {g}]
[name:{S}, {G}]
[name:{s} {g}]
[name:{g} {s}]
[name:{G} {S}]
PT: [name:{s}, {g}]
Patient: [name:{G} {S}]
Patient Name: [name:{s}, {g} {I}]
PATIENT [name:{s} {g}]
Name: [name:{G} {S}]
Name [name:{G} {S}]
Pt [name:{S}, {G}]
Mr [name:{S}]
Mrs [name:{S}]
Mr. [name:{I}. {S}]
Dr [name:{S}]
Dr. [name:{G} {S}]
DR [name:{s}]
Nurse [name:{S}]
Nurse: [name:{G}]
Sister [name:{S}]
Rm 12 [name:{S}]
Bed 4 [name:{s}, {I}]
[name:{I}. {S}] RN
[name:{G} {S}], RN
[name:{G} {S}] MD
Consultant: Dr [name:{S}]
Attending: [name:{s}]
Named nurse [name:{G}]
[name:{G} {S}] (Host)
[name:{G} {S}] (You)
[name:{G} {S}]
[name:{G}]'s iPhone
[name:{G} {I}.]
Surname: [name:{s}]
Forename: [name:{G}]
First Name [name:{G}]
Hello my name is [name:{G}]
[name:{s}, {g}] [date:{D}] M
[name:{s} {g}] DOB [date:{D}]
[name:{S}_{G}]_CT_Chest.dcm
[name:{G} {S}] - Discharge Summary.docx - Word
[name:{s}]
DOB: [date:{D}]
DOB [date:{D}]
D.O.B. [date:{D}]
Date of Birth: [date:{D}]
Born [date:{D}]
[date:{D}] 68 yrs M
Adm: [date:{D}]
Study Date: [date:{D}]
[date:{T}]
[date:{D}] 14:22
Printed: [date:{D}] 09:15
MRN: [number:{N7}]
MRN [number:{N6}]
MRN# [number:{N8}]
NHS No: [number:{NHS}]
NHS No [number:{NHS}]
Hosp No: [number:{L}{N6}]
Patient ID: [number:{N7}]
ID [number:{N7}]
Acc: [number:{L}{L}{N7}]
Accession No. [number:{N8}]
Acct No: [number:{N9}]
SSN: [number:{SSN}]
Visit # [number:{N8}]
Tel: [number:{TEL}]
Phone [number:{US}]
S/N: [number:{L}{L}{N8}]
Serial No [number:{N9}]
Badge No: [number:{N5}]
[name:{s}, {g}] MRN: [number:{N7}] DOB: [date:{D}]
Pt: [name:{S}, {G}] Acc: [number:{N8}]
Email: [number:{e}@example.org]
Postcode: [number:SK7 2DX]
Seen by [name:{G} {S}]
Welcome, [name:{G}]
[name:{G} {S}] has joined the meeting
[name:{g}{s}] [date:{D}]
Patient:[name:{s},{g}]
DOB:[date:{D}]
MRN[number:{N7}]
PatientName:[name:{S},{G}]
Ward 7B Bed 3 [name:{s} {g}] [number:{N7}]
[name:{s}^{g}]
Signed: [name:{I} {S}] [date:{D}]
Staff Nurse [name:{G} {S}]
[name:{G} {S}] | Radiographer
[name:{I} {S}]
Next of kin: [name:{G} {S}]
[name:{s} {g}] 94 yrs
"""
HELD_OUT = """
[name:{S}] - NBM
4B [name:{s}]
Bay 2: [name:{S}]
[name:{s}, {g} {I}] (68 M)
Re: [name:{G} {S}]
Hi [name:{G}],
To: [name:{G} {S}]
[name:{G} {S}] is presenting
Call with [name:{G}]
[name:{G} {S}] Staff Nurse
Registrar [name:{S}]
Ms [name:{G} {S}]
Prof. [name:{I} {S}]
[name:{S}]/[date:{D}]
[name:{s}-{g}]
ID: [number:{N8}] [name:{s} {g}]
Name : [name:{s},{g}] Sex : M
Pat. Name [name:{S} {G}]
NAME: [name:{s}] [name:{g}] AGE: 45Y
[name:{S} {G}] [number:{N6}] [date:{D}]
Study: CT Chest [date:{D}] [name:{s}]
Ref Phys: [name:{S}]
Oper: [name:{I}{S}]
Exam date [date:{D}]
DATE [date:{D}] TIME 10:42
Collected: [date:{D}] 06:10 by [name:{G} {S}]
Hosp# [number:{N7}]
MRN : [number:{N7}]
PID [number:{N8}]
CSN [number:{N9}]
Case # [number:{N6}]
NHS [number:{NHS}]
Patient No. [number:{N6}]
Order No: [number:{N7}]
Mobile: [number:{TEL}]
[number:{TEL}]
[number:{NHS}]
[number:{US}]
[number:{SSN}]
SN [number:{L}{L}{N6}]
[name:{g} {s}] [date:{D}] F
[name:{G}] (Guest)
[name:{S} {G}] (Host, me)
From: [name:{S}, {G}]
Owner: [name:{G} {S}]
Last edited by [name:{G} {S}]
"""
PAGES = """
Patient|[name:{S}, {G}]
Name:|[name:{G} {S}]
Name|[name:{s} {g}]
DOB|[date:{D}]
Date of Birth|[date:{D}]
MRN|[number:{N7}]
Pt ID|[number:{N6}]
NHS Number|[number:{NHS}]
Consultant|[name:{S}]
Dr|[name:{S}]
Acc|[number:{N8}]
Surname|[name:{S}]
Given name|[name:{G}]
Named nurse|[name:{G}]
Telephone|[number:{TEL}]
"""
