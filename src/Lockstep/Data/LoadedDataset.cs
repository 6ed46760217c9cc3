using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>A data set in memory.</summary>
/// <param name="Data">The examples.</param>
/// <param name="Source">Where they come from, for people: a folder, or "built in".</param>
/// <param name="Notices">What the user should know, a plain line each: such as that the synthetic digits stand in for MNIST.</param>
public sealed record LoadedDataset(Dataset Data, string Source, IReadOnlyList<string> Notices);
