using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>A data set in memory.</summary>
/// <param name="Data">The images.</param>
/// <param name="Source">Where they come from, for people: a folder, or "built in".</param>
/// <param name="Notice">One plain line when the synthetic digits stand in for MNIST: why, and what to do; otherwise null.</param>
public sealed record LoadedDataset(Dataset Data, string Source, string? Notice);
