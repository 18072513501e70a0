-- mtr_ikm
-- what:      citizens' satisfaction with service units, sums of pairs of elements
-- grain:     slice and pair of elements
-- reads:     core.fct_service_rating
-- params:    $cycle
-- metric:    ikm
-- title:     Indeks kepuasan masyarakat | Citizens' satisfaction index
-- level:     results
-- unit:      index
-- direction: up
-- estimator: ikm
-- population: respondents
-- merge:     M
-- minimum_n: 10
-- grade:     none
-- source:    PermenPANRB 14/2017; DOMAIN 1.4, 7.12
-- needs:     service_survey
with sliced as (
    select 'city' as slice_kind, 'city' as slice_code, unit_code || ' ' || response_code as respondent, element, rating
    from core.fct_service_rating
    where cycle = $cycle
    union all
    select 'unit' as slice_kind, unit_code as slice_code, response_code as respondent, element, rating
    from core.fct_service_rating
    where cycle = $cycle
)
select
    first_rating.slice_kind,
    first_rating.slice_code,
    first_rating.element || '|' || second_rating.element as category,
    '' as cluster_code,
    count(*) as n,
    count(*) as eligible,
    cast(sum(first_rating.rating) as decimal(38, 8)) as sum_x,
    cast(null as decimal(38, 8)) as sum_xx,
    cast(sum(second_rating.rating) as decimal(38, 8)) as sum_y,
    cast(null as decimal(38, 8)) as sum_yy,
    cast(sum(first_rating.rating * second_rating.rating) as decimal(38, 8)) as sum_xy
from sliced as first_rating
inner join sliced as second_rating
    on
        second_rating.slice_kind = first_rating.slice_kind
        and second_rating.slice_code = first_rating.slice_code
        and second_rating.respondent = first_rating.respondent
        and second_rating.element >= first_rating.element
group by
    first_rating.slice_kind, first_rating.slice_code, first_rating.element, second_rating.element
