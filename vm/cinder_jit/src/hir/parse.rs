//! Reads the text that [`super::print`] writes, for golden tests.
//!
//! Holds: `print(parse(print(f))) == print(f)`; numbers of values, blocks and states are kept, gaps in them are filled with nothing.

use cinder_bytecode::RegisterKind;
use cinder_layout::jit::{AllocationFact, CallTarget, Slot};

use super::print::KIND_NAMES;
use super::{
    Block, BlockId, CallSite, Edge, Frame, FrameId, FrameState, Function, Inst, Kinds, Op, StateId, Type, Value,
};

type Parsed<T> = Result<T, String>;

/// # Errors
/// The first line that does not read, with its number from 1.
pub(crate) fn parse(text: &str) -> Parsed<Function> {
    let mut parser = Parser { function: Function::default(), block: None };
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with(';') {
            parser.line(&mut Tokens { rest: line }).map_err(|reason| format!("line {number}: {reason}"))?;
        }
    }
    Ok(parser.function)
}

struct Tokens<'text> {
    rest: &'text str,
}

impl<'text> Tokens<'text> {
    fn done(&self) -> bool {
        self.rest.is_empty()
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(format!("expected `{token}` at `{}`", self.rest)) }
    }

    fn word(&mut self) -> &'text str {
        let end = self.rest.find(|letter: char| letter.is_whitespace() || "(),={}:#@".contains(letter));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        word
    }

    fn number(&mut self) -> Parsed<i64> {
        let word = self.word();
        let digits = word.strip_prefix('-').unwrap_or(word);
        let value = match digits.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        };
        let value = value.ok_or_else(|| format!("`{word}` is no number"))? as i64;
        Ok(if word.starts_with('-') { value.wrapping_neg() } else { value })
    }

    /// A number behind a letter, such as `v3`.
    fn index(&mut self, letter: &str) -> Parsed<u32> {
        self.expect(letter)?;
        u32::try_from(self.number()?).map_err(|_| "an index is too large".to_owned())
    }

    fn value(&mut self) -> Parsed<Value> {
        self.index("v").map(Value)
    }

    /// Whether an index behind `letter` comes next.
    fn at_index(&self, letter: char) -> bool {
        let mut letters = self.rest.chars();
        letters.next() == Some(letter) && letters.next().is_some_and(|digit| digit.is_ascii_digit())
    }

    fn separated<T>(&mut self, close: &str, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while !self.eat(close) {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn kind(&mut self) -> Parsed<RegisterKind> {
        match self.word() {
            "tagged" => Ok(RegisterKind::Tagged),
            "int" => Ok(RegisterKind::Int),
            "double" => Ok(RegisterKind::Double),
            word => Err(format!("`{word}` is no representation")),
        }
    }

    fn ty(&mut self) -> Parsed<Type> {
        match self.word() {
            "int" => Ok(Type::Int),
            "double" => Ok(Type::Double),
            "nothing" => Ok(Type::Tagged(Kinds::NO)),
            names => {
                let mut kinds = Kinds::NO;
                for name in names.split('|') {
                    let found = KIND_NAMES.iter().find(|(known, _)| *known == name);
                    kinds = kinds.union(found.ok_or_else(|| format!("`{name}` is no kind"))?.1);
                }
                Ok(Type::Tagged(kinds))
            }
        }
    }

    fn slot(&mut self) -> Parsed<Slot> {
        let word = self.word();
        let int = |signed, bits: &str| bits.parse().ok().map(|bits: u8| Slot::Int { bytes: bits / 8, signed });
        match word {
            "tagged" => Some(Slot::Tagged),
            "double" => Some(Slot::Double),
            _ => word
                .strip_prefix('i')
                .map_or_else(|| word.strip_prefix('u').and_then(|bits| int(false, bits)), |bits| int(true, bits)),
        }
        .ok_or_else(|| format!("`{word}` is no slot"))
    }
}

struct Parser {
    function: Function,
    block: Option<BlockId>,
}

impl Parser {
    fn line(&mut self, line: &mut Tokens<'_>) -> Parsed<()> {
        if line.eat("function ") {
            self.function.name = line.word().to_owned();
            if line.eat("->") {
                self.function.result = Some(line.kind()?);
            }
            self.function.uses_valid = line.eat("assumes");
        } else if line.eat("frame ") {
            line.index("f")?;
            line.expect("=")?;
            let function = line.number()? as usize;
            line.expect("offset")?;
            let offset = line.number()? as u32;
            line.expect("depth")?;
            self.function.frames.push(Frame { function, offset, depth: line.number()? as u32 });
        } else if line.eat("call ") {
            self.call(line)?;
        } else if line.eat("allocation ") {
            self.allocation(line)?;
        } else if line.at_index('b') && line.rest.ends_with(':') {
            self.block(line)?;
        } else if line.at_index('s') && self.block.is_some() {
            self.state(line)?;
        } else {
            let inst = self.inst(line)?;
            let block = self.block.ok_or("an instruction outside a block")?;
            self.function.blocks[block.index()].insts.push(inst);
        }
        if line.done() { Ok(()) } else { Err(format!("unexpected `{}`", line.rest)) }
    }

    fn call(&mut self, line: &mut Tokens<'_>) -> Parsed<()> {
        line.index("c")?;
        line.expect("=")?;
        let target = match line.word() {
            "cell" => CallTarget::Cell(line.number()? as u64),
            "found" => CallTarget::Found,
            word => return Err(format!("`{word}` is no target")),
        };
        line.expect("base")?;
        let base = line.number()? as u16;
        line.expect("->")?;
        let result = line.kind()?;
        let inline = if line.eat("inline") { Some(line.number()? as usize) } else { None };
        self.function.calls.push(CallSite { target, base, result, inline });
        Ok(())
    }

    fn allocation(&mut self, line: &mut Tokens<'_>) -> Parsed<()> {
        line.index("a")?;
        line.expect("=")?;
        line.expect("header")?;
        let header = line.number()? as u64;
        line.expect("size_class")?;
        let size_class = line.number()? as u8;
        line.expect("words")?;
        let words = line.number()? as u16;
        line.expect("class")?;
        let class = line.number()? as u64;
        self.function.allocations.push((AllocationFact { header, size_class, words }, class));
        Ok(())
    }

    /// Definition of a value: its type is noted.
    fn define(&mut self, line: &mut Tokens<'_>) -> Parsed<Value> {
        let value = line.value()?;
        line.expect(":")?;
        let ty = line.ty()?;
        self.types_up_to(value)?;
        self.function.types[value.index()] = ty;
        Ok(value)
    }

    fn types_up_to(&mut self, value: Value) -> Parsed<()> {
        if value.index() > 1 << 16 {
            return Err("values are numbered too high".to_owned());
        }
        if self.function.types.len() <= value.index() {
            self.function.types.resize(value.index() + 1, Type::ANY);
        }
        Ok(())
    }

    fn block(&mut self, line: &mut Tokens<'_>) -> Parsed<()> {
        let block = BlockId(line.index("b")?);
        self.blocks_up_to(block)?;
        let cold = line.eat("cold");
        line.expect("(")?;
        let params = line.separated(")", |line| self.define(line))?;
        line.expect(":")?;
        self.function.blocks[block.index()] = Block { params, insts: Vec::new(), cold };
        self.block = Some(block);
        Ok(())
    }

    fn blocks_up_to(&mut self, block: BlockId) -> Parsed<()> {
        if block.index() > 1 << 16 {
            return Err("blocks are numbered too high".to_owned());
        }
        if self.function.blocks.len() <= block.index() {
            self.function.blocks.resize(block.index() + 1, Block::default());
        }
        Ok(())
    }

    fn state(&mut self, line: &mut Tokens<'_>) -> Parsed<()> {
        let number = StateId(line.index("s")?);
        line.expect("=")?;
        let frame = FrameId(line.index("f")?);
        let word = line.index("w")?;
        line.expect("{")?;
        let registers = line.separated("}", |line| {
            let register = line.index("r")? as u16;
            line.expect("=")?;
            Ok((register, line.value()?))
        })?;
        let parent = if line.eat("in") { Some(StateId(line.index("s")?)) } else { None };
        self.states_up_to(number)?;
        self.function.states[number.index()] = FrameState { frame, word, registers, parent };
        Ok(())
    }

    fn states_up_to(&mut self, state: StateId) -> Parsed<()> {
        if state.index() > 1 << 16 {
            return Err("states are numbered too high".to_owned());
        }
        let empty = FrameState { frame: FrameId(0), word: 0, registers: Vec::new(), parent: None };
        if self.function.states.len() <= state.index() {
            self.function.states.resize(state.index() + 1, empty);
        }
        Ok(())
    }

    fn inst(&mut self, line: &mut Tokens<'_>) -> Parsed<Inst> {
        let result = if line.at_index('v') {
            let value = self.define(line)?;
            line.expect("=")?;
            Some(value)
        } else {
            None
        };
        let name = line.word();
        let op = Op::from_name(name).ok_or_else(|| format!("`{name}` is no operation"))?;
        let mut inst = Inst::new(op, &[], 0);
        inst.result = result;
        while line.at_index('v') {
            let value = line.value()?;
            self.types_up_to(value)?;
            inst.args.push(value);
            if line.eat("@") {
                inst.homes.push(line.index("r")? as u16);
            }
            if !line.eat(",") {
                break;
            }
        }
        if line.eat("#") {
            inst.imm = line.number()?;
        }
        if line.eat("slot ") {
            inst.slot = Some(line.slot()?);
        }
        if line.at_index('s') {
            let state = StateId(line.index("s")?);
            self.states_up_to(state)?;
            inst.state = Some(state);
        }
        if line.eat("->") {
            loop {
                let block = BlockId(line.index("b")?);
                self.blocks_up_to(block)?;
                line.expect("(")?;
                inst.targets.push(Edge { block, args: line.separated(")", Tokens::value)? });
                if !line.eat(",") {
                    break;
                }
            }
        }
        Ok(inst)
    }
}
