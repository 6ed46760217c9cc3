namespace Lockstep.Runs;

/// <summary>Content of <c>env.json</c>: what the run ran on.</summary>
/// <param name="Started">When the command started, UTC.</param>
/// <param name="Arguments">The command line.</param>
/// <param name="Version">Version of Lockstep.</param>
/// <param name="Commit">Its commit; null where it was built without one.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Akka">Version of Akka.NET.</param>
/// <param name="Machine">Name of the machine.</param>
/// <param name="Os">Its operating system.</param>
/// <param name="Architecture">Its instruction set.</param>
/// <param name="Processor">Its processor; null where that is not known.</param>
/// <param name="Processors">Logical processors of this process.</param>
/// <param name="MemoryBytes">Memory for this process.</param>
/// <param name="VectorBits">The widest vectors that the processor has.</param>
/// <param name="Kernels">The width of vectors that the kernels use.</param>
internal sealed record EnvironmentJson(
    DateTime Started,
    IReadOnlyList<string> Arguments,
    string Version,
    string? Commit,
    string Runtime,
    string? Akka,
    string Machine,
    string Os,
    string Architecture,
    string? Processor,
    int Processors,
    long MemoryBytes,
    int VectorBits,
    string Kernels);
