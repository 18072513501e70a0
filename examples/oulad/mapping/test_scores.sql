-- test_scores
-- what:    assessment results, as tests after; the tables have no test before
-- grain:   one row per assessment and student
-- reads:   results, assessments, presentations, people
-- note:    banked results were carried over from an earlier presentation and are left out
select
    presentations.batch_code,
    people.nip,
    'post' as occasion,
    cast(results.id_assessment as varchar) as instrument_code,
    assessments.code_presentation as instrument_version,
    cast(presentations.starts_on + cast(results.date_submitted as integer) as timestamp) as taken_at,
    results.score,
    100 as max_score
from results
inner join assessments on assessments.id_assessment = results.id_assessment
inner join presentations
    on
        presentations.code_module = assessments.code_module
        and presentations.code_presentation = assessments.code_presentation
inner join people on people.id_student = results.id_student
where results.is_banked = 0
order by presentations.batch_code, people.nip, instrument_code
