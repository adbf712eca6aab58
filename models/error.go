package models

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what sort of thing went wrong. Each protocol maps it once to its
// own form: a page, a SCIM error, an OAuth error, a JSON problem.
type Kind int

// The kinds of Error. The zero value is Internal, so that an error nobody
// thought about never shows its details.
const (
	Internal        Kind = iota // a fault of ours: logged with an id, shown without detail
	Invalid                     // the input was wrong: the fields say where
	NotFound                    // there is no such thing, or it is not this actor's to see
	Forbidden                   // the actor may not do this
	Unauthenticated             // nobody is signed in
	Conflict                    // the state of things does not allow it (any more)
	Stale                       // the form was rendered for another effective organization
	TooMany                     // a limit on how often was reached
	TooLarge                    // a limit on how much was reached
	Unavailable                 // something that is needed does not answer now
)

var kindNames = [...]string{"internal", "invalid", "not_found", "forbidden", "unauthenticated", "conflict", "stale", "too_many", "too_large", "unavailable"}

// String is the kind's name in logs and in the JSON API.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Message is a text for people: a key of the catalogs and its arguments.
type Message struct {
	Key  string
	Args map[string]any
}

// Text makes a Message out of a catalog key and arguments that alternate
// between name and value.
func Text(key string, args ...any) Message {
	return Message{Key: key, Args: pairs(args)}
}

// FieldErrors holds, by the name of a form's field, what is wrong with it.
type FieldErrors map[string]Message

// Add notes the first thing that is wrong with a field; later ones are dropped,
// because a person mends one thing at a time.
func (f FieldErrors) Add(field, key string, args ...any) {
	if _, there := f[field]; !there {
		f[field] = Text(key, args...)
	}
}

// Err is nil when nothing is wrong, and otherwise an Error of kind Invalid.
func (f FieldErrors) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "error.invalid", Fields: f}
}

// Error is the one error type of the domain. Key is the catalog key of what a
// person is told; Cause is for the log alone.
type Error struct {
	Kind   Kind
	Key    string
	Args   map[string]any
	Fields FieldErrors
	Cause  error
}

// Fail makes an Error; args alternate between name and value.
func Fail(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: pairs(args)}
}

// Because returns the error with the cause that the log should show.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// Error is the text for logs; people are shown the catalog's text of Key.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(&b, " [%s: %s]", field, e.Fields[field].Key)
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of the first Error in err's chain, and Internal for any
// other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// FormUsed is the key of the Conflict that answers a form sent a second time,
// which would make another secret.
const FormUsed = "error.form_used"

// KeyOf is the key of the first Error in err's chain; empty for any other error.
func KeyOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

// Unknown is the answer to an id that does not exist, and, word for word the
// same, to one that belongs to another tenant.
func Unknown() *Error { return Fail(NotFound, "error.not_found") }

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}
