//! The rules: one name per kind of violation.
//!
//! Names follow the classes of the reference analyser without `Exception`, so that its users find them again; texts follow them too.

use cinder_diagnostic::declare_rule;

macro_rules! rules {
    ($($variant:ident $identifier:ident $name:literal $severity:ident $class:literal $text:literal;)*) => {
        /// A kind of violation.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Rule { $($variant),* }

        declare_rule! {
            $(
                #[doc = include_str!(concat!("../../../testdata/rules/", $name, ".md"))]
                pub static $identifier = { default: $severity, since: "0.2.0" };
            )*
        }

        /// Every rule of the analyser.
        pub static RULES: &[&cinder_diagnostic::Rule] = &[$(&$identifier),*];

        impl Rule {
            /// The rule as it is configured, suppressed and explained.
            pub fn registered(self) -> &'static cinder_diagnostic::Rule {
                match self { $(Self::$variant => &$identifier),* }
            }

            /// The class the reference analyser reports; empty for rules of our own.
            pub fn class(self) -> &'static str {
                match self { $(Self::$variant => $class),* }
            }

            /// The message, with `{}` for each field.
            fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}

rules! {
    UnknownValueBinaryOp UNKNOWN_VALUE_BINARY_OP "unknown-value-binary-op" Error "UnknownValueBinaryOpException" "Module-level binary operation on non-strict value '{} {} {}' is prohibited";
    UnknownValueUnaryOp UNKNOWN_VALUE_UNARY_OP "unknown-value-unary-op" Error "UnknownValueUnaryOpException" "Module-level unary operation on non-strict value '{} {}' is prohibited";
    UnknownValueAttribute UNKNOWN_VALUE_ATTRIBUTE "unknown-value-attribute" Error "UnknownValueAttributeException" "Module-level attribute access on non-strict value '{}.{}' is prohibited";
    UnknownValueIndex UNKNOWN_VALUE_INDEX "unknown-value-index" Error "UnknownValueIndexException" "Module-level index into non-strict value '{}[{}]' is prohibited";
    UnknownValueCall UNKNOWN_VALUE_CALL "unknown-value-call" Error "UnknownValueCallException" "Module-level call of non-strict value '{}()' is prohibited";
    UnknownValueBool UNKNOWN_VALUE_BOOL "unknown-value-bool" Error "UnknownValueBoolException" "Module-level conversion to bool on non-strict value '{}' is prohibited";
    UnknownValueNotIterable UNKNOWN_VALUE_NOT_ITERABLE "unknown-value-not-iterable" Error "UnknownValueNotIterableException" "Attempt to iterate over non-iterable object: '{}'";
    Immutable IMMUTABLE "immutable" Error "ImmutableException" "can't set attribute {} of immutable {} '{}'";
    ModifyImportValue MODIFY_IMPORT_VALUE "modify-import-value" Error "ModifyImportValueException" "{} from module {} is modified by {}; this is prohibited";
    CoroutineFunctionNotSupported COROUTINE_FUNCTION_NOT_SUPPORTED "coroutine-function-not-supported" Error "CoroutineFunctionNotSupportedException" "coroutines function {} with yield expressions are not supported";
    UnsafeCall UNSAFE_CALL "unsafe-call" Error "UnsafeCallException" "Call '{}()' may have side effects and is prohibited at module level";
    Unsupported UNSUPPORTED "unsupported" Error "UnsupportedException" "Operation '{}' on type '{}' is unsupported";
    UnsafeBaseClass UNSAFE_BASE_CLASS "unsafe-base-class" Error "UnsafeBaseClassException" "'{}' is not a valid base class";
    FailedToUnpack FAILED_TO_UNPACK "failed-to-unpack" Error "FailedToUnpackException" "failed to unpack rhs into {} variables";
    StarImportDisallowed STAR_IMPORT_DISALLOWED "star-import-disallowed" Error "StarImportDisallowedException" "cannot import * from {}";
    BadStrictFlag BAD_STRICT_FLAG "bad-strict-flag" Error "BadStrictFlagException" "bad strict flag: {}";
    ConflictingSource CONFLICTING_SOURCE "conflicting-source" Warning "ConflictingSourceException" "Got conflicting source files for module {}, first seen: {}, second seen: {}";
    ClassAttributesConflict CLASS_ATTRIBUTES_CONFLICT "class-attributes-conflict" Info "ClassAttributesConflictException" "Class member conflicts with instance member: {}";
    Unhandled STRICT_MODULE_UNHANDLED "strict-module-unhandled" Error "StrictModuleUnhandledException" "importing this module raises {}: {}";
    UserException STRICT_MODULE_USER "strict-module-user" Error "StrictModuleUserException" "UserException({})";
    TooManyIterations TOO_MANY_ITERATIONS "too-many-iterations" Error "StrictModuleTooManyIterationsException" "too many iterations: the loop is not followed further";
    PrintsAtImport PRINTS_AT_IMPORT "prints-at-import" Warning "" "`{}` writes to standard output at import time";
    ProhibitedBuiltin PROHIBITED_BUILTIN "prohibited-builtin" Error "" "Call to built-in '{}' is prohibited at module level";
    PerformsIo PERFORMS_IO "performs-io" Error "" "`{}` reaches outside the process at import time";
    ReadsEnvironment READS_ENVIRONMENT "reads-environment" Error "" "`{}` reads the environment at import time";
    Nondeterministic NONDETERMINISTIC "nondeterministic" Error "" "`{}` gives another value in each process";
    MutatesProcess MUTATES_PROCESS "mutates-process" Error "" "`{}` changes the state of the whole process at import time";
    Registers REGISTERS "registers" Error "" "`{}` registers something with another module at import time";
    ForeignRebind FOREIGN_REBIND "foreign-rebind" Error "ModifyImportValueException" "{} from module {} is modified by {}; this is prohibited";
    DroppedKeywords DROPPED_KEYWORDS "dropped-keywords" Error "" "keyword arguments come from the non-strict value '{}'";
    UnresolvedImport UNRESOLVED_IMPORT "unresolved-import" Error "" "'{}' is imported from '{}', which has no such name";
    FrozenClassWrite FROZEN_CLASS_WRITE "frozen-class-write" Warning "" "class '{}' is frozen when its module has been imported, so setting '{}' fails";
    FrozenModuleWrite FROZEN_MODULE_WRITE "frozen-module-write" Warning "" "module '{}' is immutable, so setting '{}' fails";
    SetOrder SET_ORDER "set-order" Warning "" "the order of a set of strings differs from process to process";
    BudgetExceeded BUDGET_EXCEEDED "budget-exceeded" Error "" "importing this module takes more {} than the analysis allows";
}

impl Rule {
    /// The message with its fields filled in.
    pub fn message(self, fields: &[std::sync::Arc<str>]) -> String {
        let mut text = String::new();
        let mut fields = fields.iter();
        let mut pieces = self.text().split("{}").peekable();
        while let Some(piece) = pieces.next() {
            text.push_str(piece);
            if pieces.peek().is_some() {
                text.push_str(fields.next().map_or("", |field| field));
            }
        }
        text.trim_end_matches(": ").to_string()
    }
}
