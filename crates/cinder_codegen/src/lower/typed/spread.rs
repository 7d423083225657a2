//! `*x` and `**x` of direct calls: one register for every parameter that the argument fills.

use super::super::{Lowerer, Reg};
use super::convert;
use super::tables::is_plain;
use cinder_bytecode::{Constant, Intrinsic, Opcode};
use cinder_static::typed::{ArgSource, CallPlan, Repr};
use cinder_syntax::ast::{self, Expr};
use cinder_types::{DefaultValue, Param};

impl<'a> Lowerer<'a> {
    /// Evaluates a starred argument and hands its values out, converted. They lie in the order of the parameters they are for.
    pub(super) fn spread(
        &mut self,
        argument: &'a Expr,
        named: bool,
        call: &'a ast::ExprCall,
        plan: &'a CallPlan,
    ) -> Vec<Reg> {
        let params: Vec<&Param> = plan.signature.params.iter().filter(|param| is_plain(param)).collect();
        let hidden = params.len().saturating_sub(plan.args.len());
        let (filled, others): (Vec<_>, Vec<_>) = params.iter().enumerate().partition(|(index, _)| {
            index.checked_sub(hidden).is_some_and(|index| matches!(plan.args[index], ArgSource::Element { .. }))
        });
        let names = |params: &[(usize, &&Param)]| {
            Constant::Tuple(params.iter().map(|(_, param)| Constant::Str((&*param.name).into())).collect())
        };
        let (intrinsic, expected) = if named {
            let defaults = filled.iter().filter_map(|(_, param)| match &param.default {
                DefaultValue::Constant(value) => Some(convert::constant(value)),
                DefaultValue::Missing | DefaultValue::Evaluated => None,
            });
            let defaults = Constant::Tuple(defaults.collect());
            (Intrinsic::SpreadNamed, Constant::Tuple([names(&filled), defaults, names(&others)].into()))
        } else {
            (Intrinsic::SpreadPositional, names(&filled))
        };
        let first = self.alloc_run(filled.len() as u32);
        let after = self.top;
        let source = match argument {
            Expr::Starred(starred) => self.temporary(&starred.value),
            value => self.temporary(value),
        };
        let description = self.alloc();
        self.load_constant(description, expected);
        self.at(call);
        self.emit(Opcode::CALL_INTRINSIC, source, source, intrinsic.number().into());
        self.emit(Opcode::UNPACK_SEQUENCE, first, source, filled.len() as Reg);
        self.top = after;
        let conversions = plan.args.iter().filter_map(|source| match source {
            ArgSource::Element { convert, .. } => Some(convert),
            _ => None,
        });
        let mut registers = Vec::new();
        for (place, convert) in (first..).zip(conversions) {
            let is_raw = matches!(convert, cinder_static::typed::Convert::Unbox(_));
            registers.push(self.convert(convert, place, Repr::Tagged, after, (!is_raw).then_some(place)));
        }
        registers
    }
}
