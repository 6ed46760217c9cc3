
namespace Lockstep.Model.Specs;

/// <summary>A model file is invalid; lists all mistakes.</summary>
public sealed class ModelFileException(IReadOnlyList<string> problems) : FormatException(string.Join(" ", problems))
{
    /// <summary>One sentence for each mistake, with its position in the file.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
