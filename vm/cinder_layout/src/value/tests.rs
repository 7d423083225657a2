use super::*;

#[test]
fn ints_round_trip_within_63_bits() {
    for i in [0, 1, -1, 42, enc::INT_MIN, enc::INT_MAX] {
        let v = Value::from_small_int(i).expect("fits");
        assert!(v.is_int() && !v.is_ptr() && !v.is_flonum() && !v.is_special());
        assert_eq!(v.as_int(), i);
    }
    assert_eq!(Value::from_small_int(enc::INT_MAX + 1), None);
    assert_eq!(Value::from_small_int(enc::INT_MIN - 1), None);
    assert_eq!(Value::from_small_int(i64::MIN), None);
    assert!(Value::both_ints(Value::ZERO, Value::ONE) && !Value::both_ints(Value::ZERO, Value::NONE));
}

#[test]
fn flonums_cover_exactly_the_documented_range() {
    let low = f64::from_bits((1023 - 255) << 52);
    let high = f64::from_bits((1023 + 257) << 52);
    for x in [1.0, -1.0, 0.1, 1e70, -1e-70, low, -low, high.next_down(), -(high.next_down()), std::f64::consts::PI] {
        let v = Value::try_flonum(x).unwrap_or_else(|| panic!("{x} is representable"));
        assert!(v.is_flonum() && !v.is_int() && !v.is_ptr() && !v.is_special());
        assert_eq!(v.flonum_to_f64().to_bits(), x.to_bits());
    }
    let outside = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE / 2.0,
        low.next_down(),
        high,
        f64::MAX,
        -high,
    ];
    for x in outside {
        assert_eq!(Value::try_flonum(x), None, "{x}");
    }
}

#[test]
fn specials_are_neither_numbers_nor_pointers() {
    let all = [
        Value::NONE,
        Value::TRUE,
        Value::FALSE,
        Value::NOT_IMPLEMENTED,
        Value::ELLIPSIS,
        Value::DEFAULT,
        Value::DELETED,
    ];
    for (i, v) in all.iter().enumerate() {
        assert!(v.is_special() && !v.is_int() && !v.is_flonum() && !v.is_ptr());
        assert!(all[..i].iter().all(|w| w != v));
    }
    assert_eq!(Value::TRUE.bits() ^ Value::FALSE.bits(), 1 << enc::BOOL_SHIFT);
    assert_eq!((Value::TRUE.as_bool(), Value::FALSE.as_bool(), Value::NONE.as_bool()), (Some(true), Some(false), None));
}
