-- +goose Up
-- SQLite has no row-level security: there the first wall, in models/store,
-- stands alone. This file keeps the numbers of the two folders in pairs.
SELECT 1;

-- +goose Down
SELECT 1;
