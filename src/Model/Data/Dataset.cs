using System.Security.Cryptography;

namespace Lockstep.Model.Data;

/// <summary>A data set: a training file, whose last examples are held out for validation, and a test file.</summary>
public sealed class Dataset
{
    private readonly Lazy<string> _sha256;

    /// <summary>Combines a training set and a test set.</summary>
    /// <param name="name">Name for people.</param>
    /// <param name="training">The training file.</param>
    /// <param name="test">The test file.</param>
    /// <exception cref="ArgumentException">The two sets differ in kind or example shape, or one is empty.</exception>
    public Dataset(string name, Examples training, Examples test)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        if (training.GetType() != test.GetType())
            throw new ArgumentException(
                $"Training examples are {training.KindName}, test examples are {test.KindName}; expected the same kind.");
        if (!training.Shape.Equals(test.Shape))
            throw new ArgumentException(
                $"Training examples have {training.SizeText}, test examples {test.SizeText}; expected the same size.");
        if (training.Count < 2 || test.Count < 1)
            throw new ArgumentException($"{training.Count} training and {test.Count} test {test.KindName}; expected at least 2 and 1.");
        Name = name;
        Training = training;
        Test = test;
        _sha256 = new Lazy<string>(ComputeSha256);
    }

    /// <summary>Name for people.</summary>
    public string Name { get; }

    /// <summary>All examples of the training file; the last ones are for validation.</summary>
    public Examples Training { get; }

    /// <summary>The test file.</summary>
    public Examples Test { get; }

    /// <summary>Number of held-out examples: a twelfth of the training file (5,000 of MNIST's 60,000), at least one.</summary>
    public int ValidationExamples => Math.Max(1, Training.Count / 12);

    /// <summary>Number of examples trained on: the first ones of the training file.</summary>
    public int TrainingExamples => Training.Count - ValidationExamples;

    /// <summary>
    /// SHA-256 over the training file's content, then the test file's (<see cref="Examples.AppendTo"/>), in lower-case hexadecimal.
    /// </summary>
    public string Sha256 => _sha256.Value;

    private string ComputeSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Training.AppendTo(hash);
        Test.AppendTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
