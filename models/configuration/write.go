package configuration

import (
	"bytes"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Write is the document as YAML, with a comment above it that says what it is.
// The same document always gives the same text.
func (d *Document) Write(comment string) ([]byte, error) {
	root := writeObject(*d)
	root.HeadComment = comment
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// writeObject writes what a struct of the document says, in the order of its
// fields.
func writeObject(from any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	of := reflect.ValueOf(from)
	for _, f := range fieldsOf(of.Type()) {
		held := reflect.New(f.typ)
		held.Elem().Set(of.Field(f.index))
		if value := held.Interface().(part).write(); value != nil {
			n.Content = append(n.Content, say(f.key).write(), value)
		}
	}
	return n
}
