namespace Lockstep.Model.Specs;

/// <summary>One named parameter of a layer: how it starts and how it is trained.</summary>
public sealed record ParameterSpec
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>Its name in checkpoints, such as <c>layer0/weights</c>; no other parameter of the model has it.</summary>
    public required string Name { get; init; }

    /// <summary>How it starts, unless it is restored.</summary>
    public required Initializer Initializer { get; init; }

    /// <summary>Whether training changes it. What is frozen has no gradient and never travels after the start.</summary>
    public bool IsTrainable { get; init; } = true;

    /// <summary>Weight of its own L2 penalty, ≥ 0; null is the run's for weights, and none for biases.</summary>
    public double? L2 { get; init; }

    /// <summary>Its own learning rate before the schedule, &gt; 0; null is the run's.</summary>
    public double? LearningRate { get; init; }

    /// <summary>What is wrong with a name, or null. Names stand in globs, maps and file names, so a few characters are reserved.</summary>
    public static string? NameProblem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > MaxNameLength)
            return $"has {name.Length} characters; expected 1 to {MaxNameLength}";
        foreach (char c in name)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c) || c is '*' or '?' or ',' or '=' or '"' or '\\')
                return $"contains {(char.IsControl(c) || char.IsWhiteSpace(c) ? $"the character U+{(int)c:X4}" : $"'{c}'")}; expected none of * ? , = \" \\ or white space";
        }

        return null;
    }
}
