-- batches
-- what:    presentations; students enrol by themselves; seats are not in the tables, so those taken stand there
-- grain:   one row per presentation
-- reads:   presentations, registration
select
    presentations.batch_code,
    presentations.code_module as programme_code,
    presentations.starts_on,
    presentations.ends_on,
    'volunteered' as assignment,
    count(registration.id_student) as capacity,
    false as follow_up_planned
from presentations
left join registration
    on
        registration.code_module = presentations.code_module
        and registration.code_presentation = presentations.code_presentation
group by all
order by presentations.batch_code
