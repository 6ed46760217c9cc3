namespace Lockstep.Model.Specs;

/// <summary>
/// Which examples are held out: a share of each class, chosen by a permutation that the key fixes, or files of their own.
/// </summary>
/// <param name="Validation">Share of the training file's examples, in (0, 1); null where a file holds them.</param>
/// <param name="Test">Share of the file's examples, in (0, 1); null where a file holds them.</param>
/// <param name="Key">Key of the permutation.</param>
public sealed record SplitSpec(double? Validation, double? Test, ulong Key);
