package configuration

import (
	"fmt"
	"reflect"
	"strings"

	"locum/models"
	"locum/models/provisioning"
)

// Schema describes the form of documents in Markdown. It is made of the tags
// that the reader and the writer follow.
func Schema() string {
	var b strings.Builder
	b.WriteString("# Configuration as code\n\n" +
		"A document is one YAML file of at most " + fmt.Sprint(MaxBytes>>20) + " MB. It says what should stand; what it does not mention is left alone. " +
		"Unknown keys are refused, and so are anchors, aliases and tags. Texts that look like a number, a date or a truth stand in quotes.\n\n" +
		"Things are identified by `id` where that is given, and otherwise by their exact name. Something is removed only where the document says `remove: true`; " +
		"with `--prune` also what a list of the document does not name: domains, connectors, and applications in use. Nothing else is ever removed.\n\n")
	seen := map[reflect.Type]bool{}
	describeObject(&b, "document", reflect.TypeFor[Document](), seen)
	describeConditions(&b)
	b.WriteString("## Permissions\n\nOf roles in an organization: " + quoted(models.OrganizationPermissions) + ".\n\nOf roles in a company: " + quoted(models.CompanyPermissions) + ".\n")
	return b.String()
}

func quoted(permissions []models.Permission) string {
	names := make([]string, len(permissions))
	for i, p := range permissions {
		names[i] = "`" + string(p) + "`"
	}
	return strings.Join(names, ", ")
}

// describeObject writes the table of one object, and then those of the objects in it.
func describeObject(b *strings.Builder, title string, t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	fmt.Fprintf(b, "## %s\n\n| key | is | |\n| --- | --- | --- |\n", title)
	for _, f := range fieldsOf(t) {
		kind := reflect.New(f.typ).Interface().(part).kind()
		if under := objectOf(f.typ); under != nil {
			kind = strings.Replace(kind, "object", "`"+nameOfType(under)+"`", 1)
			kind = strings.TrimSuffix(kind, "s")
		}
		if len(f.choices) > 0 {
			kind = "`" + strings.Join(f.choices, "`, `") + "`"
		}
		if f.must {
			kind += ", needed"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.key, kind, f.doc)
	}
	b.WriteString("\n")
	for _, f := range fieldsOf(t) {
		if under := objectOf(f.typ); under != nil {
			describeObject(b, nameOfType(under), under, seen)
		}
	}
}

func nameOfType(t reflect.Type) string { return strings.ToLower(t.Name()) }

// objectOf is the object inside a Section or a List, or nil.
func objectOf(t reflect.Type) reflect.Type {
	for _, name := range []string{"Value", "Items"} {
		held, there := t.FieldByName(name)
		if !there {
			continue
		}
		under := held.Type
		if under.Kind() == reflect.Slice {
			under = under.Elem()
		}
		if under.Kind() == reflect.Struct && len(fieldsOf(under)) > 0 {
			return under
		}
	}
	return nil
}

func describeConditions(b *strings.Builder) {
	b.WriteString("## Conditions\n\nA condition is an object of one of these shapes:\n\n" +
		"| shape | holds when |\n| --- | --- |\n" +
		"| `all: [condition, …]` | all of them do |\n" +
		"| `any: [condition, …]` | any of them does |\n" +
		"| `not: condition` | it does not |\n")
	for _, o := range provisioning.Operators {
		value := "text"
		if !o.NeedsValue() {
			value = "true"
		}
		fmt.Fprintf(b, "| `{attribute: name, %s: %s}` | %s |\n", o, value, operatorMeans[o])
	}
	fmt.Fprintf(b, "\nThe attribute `%s` means the groups, by id or name. Capitals count only with `case_sensitive: true` beside the operator. "+
		"Conditions nest at most %d deep, and have at most %d parts.\n\n", provisioning.GroupAttribute, provisioning.MaxDepth, provisioning.MaxNodes)
}

var operatorMeans = map[provisioning.Operator]string{
	provisioning.Is:         "a value is the text",
	provisioning.IsNot:      "no value is the text",
	provisioning.StartsWith: "a value starts with it",
	provisioning.EndsWith:   "a value ends with it",
	provisioning.Contains:   "a value contains it",
	provisioning.Glob:       "a whole value fits it, where * is any text and ? any character",
	provisioning.Pattern:    "a whole value fits the RE2 pattern",
	provisioning.Exists:     "there is a value",
}
