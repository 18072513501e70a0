-- chk_answered_names
-- what:    the names of a dataset that an answer is about, with the enrolled person whom it names
-- grain:   one row per batch_code, name_key and person_key to which somebody said ya or tidak
-- reads:   quality.names_given, quality.enrolled_names, quality.name_answers
-- params:  none
-- note:    a proposal's code is made from the three, so it tells nobody anything by itself
with enrolled as (
    select distinct batch_code, person_key
    from quality.enrolled_names
)
select given.batch_code, given.name_key, enrolled.person_key, answers.code, answers.answer
from quality.names_given as given
inner join enrolled on enrolled.batch_code = given.batch_code
inner join quality.name_answers as answers
    on answers.code = proposal_code(given.batch_code, given.name_key, enrolled.person_key)
