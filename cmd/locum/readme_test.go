package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestReadmeNamesEverySetting keeps the table of settings in README.md whole.
func TestReadmeNamesEverySetting(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := environment(reflect.TypeFor[settings]())
	if len(names) < 10 {
		t.Fatalf("only these settings were found: %v", names)
	}
	for _, name := range names {
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("README.md does not name %s", name)
		}
	}
}

// environment lists the variables that a command reads.
func environment(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		field := of.Field(i)
		if name := field.Tag.Get("env"); name != "" {
			names = append(names, name)
		}
		if field.Type.Kind() == reflect.Struct {
			names = append(names, environment(field.Type)...)
		}
	}
	return names
}
