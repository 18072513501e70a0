-- fct_score_pair
-- what:    scores before and after of the same person on the same version of the same test
-- grain:   one row per batch_code, person_key and instrument_code
-- reads:   staging.stg_test_scores, staging.stg_enrolments, staging.stg_batches
-- params:  none
select
    scores_pre.batch_code,
    scores_pre.person_key,
    enrolments.arm,
    scores_pre.instrument_code,
    scores_pre.score as pre,
    scores_post.score as post,
    cycle_of(batches.closed_on) as cycle
from staging.stg_test_scores as scores_pre
inner join staging.stg_test_scores as scores_post
    on
        scores_post.batch_code = scores_pre.batch_code
        and scores_post.person_key = scores_pre.person_key
        and scores_post.instrument_code = scores_pre.instrument_code
        and scores_post.instrument_version = scores_pre.instrument_version
        and scores_post.occasion = 'post'
inner join staging.stg_enrolments as enrolments
    on enrolments.batch_code = scores_pre.batch_code and enrolments.person_key = scores_pre.person_key
inner join staging.stg_batches as batches on batches.batch_code = scores_pre.batch_code
where scores_pre.occasion = 'pre'
