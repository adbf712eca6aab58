// Package ui holds the parts that pages are made of, one component per part of
// the design language. They turn plain values into markup: they load nothing,
// decide no permission and hold no text of their own beyond the catalogs'
// common one. No component may carry a style attribute or an inline handler,
// since the content security policy is strict.
package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"locum/models"
	"locum/static"
	"locum/views/i18n"
)

// The tones: what a colour means. Words and an icon always stand beside it.
const (
	OK   = "ok"   // may work, healthy
	Warn = "warn" // a person has to look
	Bad  = "bad"  // lost, failed, refused
	Info = "info" // will happen, waits
	Off  = "off"  // over, neutral
)

// The sizes of avatars and organization tiles; the zero value is the usual one.
const (
	Small = "sm"
	Large = "lg"
)

type epochKey struct{}

// WithEpoch returns a context that carries the epoch of the session to the
// forms rendered with it. See models.Actor.
func WithEpoch(ctx context.Context, epoch int64) context.Context {
	return context.WithValue(ctx, epochKey{}, epoch)
}

// EpochOf is the epoch that the forms of this page carry.
func EpochOf(ctx context.Context) int64 {
	epoch, _ := ctx.Value(epochKey{}).(int64)
	return epoch
}

type placeKey struct{}

// WithPlace returns a context that carries the place that the page is rendered for
// to its forms, so that one for another place is refused.
func WithPlace(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, placeKey{}, id)
}

func placeOf(ctx context.Context) string {
	id, _ := ctx.Value(placeKey{}).(string)
	return id
}

func epochText(ctx context.Context) string { return strconv.FormatInt(EpochOf(ctx), 10) }

// FormKeyField is the field of a form's key: see FormKey.
const FormKeyField = "form_key"

// class joins class names and leaves out the empty ones.
func class(names ...string) string {
	kept := names[:0:0]
	for _, name := range names {
		if name != "" {
			kept = append(kept, name)
		}
	}
	return strings.Join(kept, " ")
}

// when is the text if the condition holds, and otherwise nothing.
func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

func sized(base, size string) string { return when(size != "", base+"-"+size) }

func iconAddress(name string) string { return static.Path("icons.svg") + "#" + name }

// Initials are the first letters of a name's first and last word: "Jan-Willem
// Hoekstra" is JH.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return strings.ToUpper(string(first) + string(last))
}

// personHue gives a person always the same one of the eight colours.
func personHue(name string) string {
	var sum uint32 = 7
	for _, r := range name {
		sum = sum*31 + uint32(r)
	}
	return strconv.Itoa(int(1 + sum%8))
}

func number(n int) string { return strconv.Itoa(n) }

// Wrong is one line of an error summary: the id of the field, and what is
// wrong with it.
type Wrong struct{ Field, Message string }

// ErrorText is what is wrong with a field, in the reader's language, or
// nothing.
func ErrorText(ctx context.Context, wrong models.FieldErrors, field string) string {
	message, there := wrong[field]
	if !there {
		return ""
	}
	return i18n.Say(ctx, message)
}

// Wrongs lists what is wrong in the order in which the form shows its fields;
// what belongs to none of these comes last. Of lines that read the same each
// names its field.
func Wrongs(ctx context.Context, wrong models.FieldErrors, fields ...string) []Wrong {
	var list []Wrong
	for _, field := range slices.Concat(fields, sortedFields(wrong)) {
		named := slices.ContainsFunc(list, func(w Wrong) bool { return w.Field == field })
		if _, there := wrong[field]; there && !named {
			list = append(list, Wrong{field, summary(ctx, wrong, field)})
		}
	}
	count := map[string]int{}
	for _, w := range list {
		count[w.Message]++
	}
	for i, w := range list {
		if name := fieldName(ctx, w.Field); count[w.Message] > 1 && name != "" {
			list[i].Message = name + ": " + w.Message
		}
	}
	return list
}

// fieldName is what a field is called, or nothing. One of several conditions goes
// by its number: "condition.1.0.value" is in condition 2.1.
func fieldName(ctx context.Context, field string) string {
	if name := "common.field." + field; i18n.Has(name) && field != "condition" {
		return i18n.T(ctx, name)
	}
	path, condition := strings.CutPrefix(field, "condition.")
	var numbers []string
	for _, part := range strings.Split(path, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			numbers = append(numbers, strconv.Itoa(n+1))
		}
	}
	if !condition || len(numbers) == 0 {
		return ""
	}
	return i18n.T(ctx, "common.field.condition", "Number", strings.Join(numbers, "."))
}

// summary is what the list at the top of a form says of a field: texts that
// fit every field get its name in front.
func summary(ctx context.Context, wrong models.FieldErrors, field string) string {
	text := ErrorText(ctx, wrong, field)
	if name := "common.field." + field; strings.HasPrefix(wrong[field].Key, "error.") && i18n.Has(name) {
		return i18n.T(ctx, name) + ": " + text
	}
	return text
}
