namespace Lockstep.Cli.Images;

/// <summary>The form of what a unit looks at.</summary>
internal readonly record struct MapForm(int Rows, int Columns, int Channels);
