namespace Lockstep.Model.Specs;

/// <summary>One named parameter of a layer: its initialiser and training settings.</summary>
public sealed record ParameterSpec
{
    /// <summary>Maximum length of a name, in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>Its name in checkpoints, such as <c>layer0/weights</c>; unique in the model.</summary>
    public required string Name { get; init; }

    /// <summary>Its initialiser, unless it is restored.</summary>
    public required Initializer Initializer { get; init; }

    /// <summary>Whether it is trained. A frozen parameter has no gradient and is sent to workers only once.</summary>
    public bool IsTrainable { get; init; } = true;

    /// <summary>Weight of its own L2 penalty, ≥ 0; null for the run's (weights) or none (biases).</summary>
    public double? L2 { get; init; }

    /// <summary>Its own learning rate before the schedule, &gt; 0; null for the run's.</summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// The problem of a name; null for none. Names occur in globs, maps and file names, so a few characters are reserved.
    /// </summary>
    public static string? NameProblem(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > MaxNameLength)
            return $"has {name.Length} characters; expected 1 to {MaxNameLength}";
        foreach (char c in name)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c) || c is '*' or '?' or ',' or '=' or '"' or '\\')
                return $"contains {(char.IsControl(c) || char.IsWhiteSpace(c) ? $"the character U+{(int)c:X4}" : $"'{c}'")}; "
                    + "expected none of * ? , = \" \\ or white space";
        }

        return null;
    }
}
