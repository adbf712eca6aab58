package main

import (
	"context"
	"io"

	"locum/models/configuration"
)

type export struct {
	database `embed:""`
	Company  string `arg:"" placeholder:"COMPANY" help:"Name or id of the company."`
	IDs      bool   `name:"ids" help:"Give the id of everything, so that names can be changed in the document."`
	Platform bool   `help:"Export the platform's applications and roles too."`

	out io.Writer // standard output when nil
}

// Run writes what stands of a company as a document for plan and apply.
func (e *export) Run(ctx context.Context) error {
	c, done, err := e.configuration(ctx)
	if err != nil {
		return err
	}
	defer done()
	text, err := c.Export(ctx, e.Company, configuration.Extent{IDs: e.IDs, Platform: e.Platform})
	if err != nil {
		return unfinished(ctx, err)
	}
	_, err = orStandardOutput(e.out).Write(text)
	return err
}
