-- chk_enrolled_names
-- what:    the names of those enrolled in each batch, in any arm
-- grain:   one row per batch_code, name_key and person_key
-- reads:   accepted.enrolments, quality.person_names
-- params:  none
-- note:    people tells how many of the batch bear the name; where they are two, the name means nobody
with enrolled as (
    select distinct enrolments.batch_code, names.name_key, names.person_key
    from accepted.enrolments as enrolments
    inner join quality.person_names as names on names.person_key = enrolments.person_key
)
select
    batch_code,
    name_key,
    person_key,
    count(*) over (partition by batch_code, name_key) as people
from enrolled
