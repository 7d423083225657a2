//! The rules: one name per kind of mistake.
//!
//! Idea: a [`Rule`] is a small value that findings carry; its page and registration are found by [`Rule::registered`]. The catalogue of
//! messages is section 17 of the language specification.

use cinder_diagnostic::declare_rule;

macro_rules! rules {
    ($($variant:ident $identifier:ident $name:literal;)*) => {
        /// A kind of mistake.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Rule {
            $($variant,)*
            /// No mistake: what keeps code from being fast, told when asked for.
            SlowOperation,
            /// A name that a module does not have. Who replaces modules may have it all the same.
            UnknownModuleName,
        }

        declare_rule! {
            $(
                #[doc = include_str!(concat!("../../../testdata/rules/", $name, ".md"))]
                pub static $identifier = { default: Error, since: "0.1.0" };
            )*
            #[doc = include_str!("../../../testdata/rules/slow-operation.md")]
            pub static SLOW_OPERATION = { default: Warning, since: "0.1.0" };
            #[doc = include_str!("../../../testdata/rules/unknown-module-name.md")]
            pub static UNKNOWN_MODULE_NAME = { default: Warning, since: "0.1.0" };
            #[doc = include_str!("../../../testdata/rules/invalid-type-file.md")]
            pub static INVALID_TYPE_FILE = { default: Warning, since: "0.1.0" };
        }

        /// Every rule of the static checker.
        pub static RULES: &[&cinder_diagnostic::Rule] = &[$(&$identifier,)* &SLOW_OPERATION, &UNKNOWN_MODULE_NAME, &INVALID_TYPE_FILE];

        impl Rule {
            /// The rule as it is configured, suppressed and explained.
            pub fn registered(self) -> &'static cinder_diagnostic::Rule {
                match self {
                    $(Self::$variant => &$identifier,)*
                    Self::SlowOperation => &SLOW_OPERATION,
                    Self::UnknownModuleName => &UNKNOWN_MODULE_NAME,
                }
            }
        }
    };
}

rules! {
    InvalidAssignment INVALID_ASSIGNMENT "invalid-assignment";
    InvalidArgument INVALID_ARGUMENT "invalid-argument";
    InvalidReturn INVALID_RETURN "invalid-return";
    ImplicitReturn IMPLICIT_RETURN "implicit-return";
    Redefinition REDEFINITION "redefinition";
    UndefinedName UNDEFINED_NAME "undefined-name";
    InvalidFinal INVALID_FINAL "invalid-final";
    InvalidClassVar INVALID_CLASS_VAR "invalid-class-var";
    AssignToFinal ASSIGN_TO_FINAL "assign-to-final";
    FinalNotInitialized FINAL_NOT_INITIALIZED "final-not-initialized";
    AssignToClassVar ASSIGN_TO_CLASS_VAR "assign-to-class-var";
    InvalidAnnotation INVALID_ANNOTATION "invalid-annotation";
    AnnotationSyntax ANNOTATION_SYNTAX "annotation-syntax";
    PrimitiveInUnion PRIMITIVE_IN_UNION "primitive-in-union";
    PrimitiveEscape PRIMITIVE_ESCAPE "primitive-escape";
    PrimitiveOperation PRIMITIVE_OPERATION "primitive-operation";
    PrimitiveOperands PRIMITIVE_OPERANDS "primitive-operands";
    PrimitiveComparison PRIMITIVE_COMPARISON "primitive-comparison";
    PrimitiveConversion PRIMITIVE_CONVERSION "primitive-conversion";
    PrimitiveSubclass PRIMITIVE_SUBCLASS "primitive-subclass";
    NoneAttribute NONE_ATTRIBUTE "none-attribute";
    NoneOperation NONE_OPERATION "none-operation";
    UnboundUnion UNBOUND_UNION "unbound-union";
    TypeUnionOperands TYPE_UNION_OPERANDS "type-union-operands";
    MissingAttribute MISSING_ATTRIBUTE "missing-attribute";
    CallArity CALL_ARITY "call-arity";
    MissingArgument MISSING_ARGUMENT "missing-argument";
    UnknownKeyword UNKNOWN_KEYWORD "unknown-keyword";
    NotCallable NOT_CALLABLE "not-callable";
    SpecialCall SPECIAL_CALL "special-call";
    InvalidIntrinsic INVALID_INTRINSIC "invalid-intrinsic";
    RevealedType REVEALED_TYPE "revealed-type";
    InvalidElementType INVALID_ELEMENT_TYPE "invalid-element-type";
    ArraySlice ARRAY_SLICE "array-slice";
    SequenceUnpack SEQUENCE_UNPACK "sequence-unpack";
    FinalSubclass FINAL_SUBCLASS "final-subclass";
    InvalidBases INVALID_BASES "invalid-bases";
    ConflictingMember CONFLICTING_MEMBER "conflicting-member";
    InvalidOverride INVALID_OVERRIDE "invalid-override";
    InvalidDecorator INVALID_DECORATOR "invalid-decorator";
    StaticImport STATIC_IMPORT "static-import";
    RelativeImport RELATIVE_IMPORT "relative-import";
    MisplacedFlag MISPLACED_FLAG "misplaced-flag";
    GenericClass GENERIC_CLASS "generic-class";
    InvalidEnum INVALID_ENUM "invalid-enum";
    InvalidDataclass INVALID_DATACLASS "invalid-dataclass";
    InvalidNative INVALID_NATIVE "invalid-native";
}
