-- fct_behaviour
-- what:    observed behaviour, in the cycle in which the wave matured
-- grain:   one row per batch_code, person_key, rater, wave and behaviour_number
-- reads:   staging.stg_behaviour_ratings, staging.stg_enrolments, staging.stg_batches
-- params:  none
-- note:    rated 4 or 5 ("sering", "selalu") means the behaviour is applied
select
    ratings.batch_code,
    ratings.person_key,
    enrolments.arm,
    ratings.rater,
    ratings.wave,
    ratings.behaviour_number,
    ratings.rating,
    ratings.rating >= 4 as applies,
    case ratings.wave
        when 'T3' then cycle_of(cast(batches.closed_on + interval 3 month as date))
        when 'T6' then cycle_of(cast(batches.closed_on + interval 6 month as date))
        else cycle_of(batches.closed_on)
    end as cycle
from staging.stg_behaviour_ratings as ratings
inner join staging.stg_enrolments as enrolments
    on enrolments.batch_code = ratings.batch_code and enrolments.person_key = ratings.person_key
inner join staging.stg_batches as batches on batches.batch_code = ratings.batch_code
