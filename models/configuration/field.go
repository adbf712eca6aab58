package configuration

import (
	"reflect"
	"strings"
	"sync"
)

// field is one key of an object of the document.
type field struct {
	key, doc string
	must     bool
	choices  []string
	index    int
	typ      reflect.Type
}

var knownFields sync.Map // reflect.Type -> []field

// fieldsOf reads the tags of one of the document's types.
func fieldsOf(t reflect.Type) []field {
	if known, ok := knownFields.Load(t); ok {
		return known.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if key := tag.Get("key"); key != "" && key != "-" {
			fields = append(fields, field{key: key, doc: tag.Get("doc"), must: tag.Get("must") == "yes",
				choices: strings.Fields(tag.Get("choices")), index: i, typ: t.Field(i).Type})
		}
	}
	knownFields.Store(t, fields)
	return fields
}
