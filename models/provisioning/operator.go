package provisioning

import "slices"

// Operator is how a condition compares an attribute with its value.
type Operator string

// The operators. All but Exists need a value. An attribute may hold several
// values: a comparison holds when any of them does, IsNot when none is equal.
const (
	Is         Operator = "is"
	IsNot      Operator = "is_not"
	StartsWith Operator = "starts_with"
	EndsWith   Operator = "ends_with"
	Contains   Operator = "contains"
	// Glob compares the whole value: * stands for any run of characters, ? for
	// one, and \ takes away the meaning of what follows.
	Glob Operator = "glob"
	// Pattern compares the whole value with an RE2 expression. The whole, since
	// a pattern that is satisfied by a part gives access to more than was meant:
	// .* in front or behind says so where it is wanted.
	Pattern Operator = "pattern"
	// Exists holds when the attribute has at least one value.
	Exists Operator = "exists"
)

// Operators lists the operators in the order in which screens offer them.
var Operators = []Operator{Is, IsNot, StartsWith, EndsWith, Contains, Glob, Pattern, Exists}

// Known says whether o is one of the Operators.
func (o Operator) Known() bool { return slices.Contains(Operators, o) }

// NeedsValue says whether a condition with this operator carries a value.
func (o Operator) NeedsValue() bool { return o != Exists }

// Key is the catalog key of the operator's words.
func (o Operator) Key() string { return "provisioning.op." + string(o) }

// DeniedKey is the catalog key of the operator's words under a not, as in
// "does not start with".
func (o Operator) DeniedKey() string { return "provisioning.op." + string(o) + ".denied" }
