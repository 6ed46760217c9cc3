
namespace Lockstep.Model.Specs;

/// <summary>A model file is wrong; says everything that is.</summary>
public sealed class ModelFileException(IReadOnlyList<string> problems) : FormatException(string.Join(" ", problems))
{
    /// <summary>A sentence for each mistake, with the place in the file.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
