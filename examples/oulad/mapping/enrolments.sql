-- enrolments
-- what:    registrations; whoever left, or whose result is Withdrawn, has withdrawn
-- grain:   one row per presentation and student
-- reads:   registration, info, presentations, people
select
    presentations.batch_code,
    people.nip,
    'trained' as arm,
    presentations.starts_on + cast(registration.date_registration as integer) as enrolled_on,
    case
        when registration.date_unregistration is not null or info.final_result = 'Withdrawn' then 'withdrawn'
        else 'completed'
    end as status
from registration
inner join info
    on
        info.code_module = registration.code_module
        and info.code_presentation = registration.code_presentation
        and info.id_student = registration.id_student
inner join presentations
    on
        presentations.code_module = registration.code_module
        and presentations.code_presentation = registration.code_presentation
inner join people on people.id_student = registration.id_student
order by presentations.batch_code, people.nip
