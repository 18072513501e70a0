-- roster
-- what:    every student; the tables have no names, posts or contracts, so a label and constants stand there
-- grain:   one row per student
-- reads:   people
select
    nip,
    date '2013-01-01' as valid_from,
    'Student ' || id_student as name,
    'PNS' as status,
    unit_code,
    'executor' as position_type,
    sex
from people
order by nip
