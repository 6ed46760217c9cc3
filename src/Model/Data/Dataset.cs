using System.Security.Cryptography;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Data;

/// <summary>A data set: a training file, whose last examples are held out for validation, and a test file.</summary>
public sealed class Dataset
{
    private readonly Lazy<string> _sha256;

    /// <summary>Combines a training set and a test set.</summary>
    /// <param name="name">Name for people.</param>
    /// <param name="training">The training file.</param>
    /// <param name="test">The test file.</param>
    /// <param name="validationExamples">
    /// Number of held-out examples, the last ones of the training file; null holds out a twelfth (5,000 of MNIST's 60,000), at least one.
    /// </param>
    /// <param name="sha256">Its <see cref="Sha256"/> where that is known; null computes it when first asked for.</param>
    /// <exception cref="ArgumentException">
    /// The two sets differ in kind or example shape, one is empty, or nothing is left to train on.
    /// </exception>
    public Dataset(string name, Examples training, Examples test, int? validationExamples = null, string? sha256 = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        if (training.GetType() != test.GetType())
            throw new ArgumentException(
                $"Training examples are {training.KindName}, test examples are {test.KindName}; expected the same kind.");
        if (!training.Shape.Equals(test.Shape))
            throw new ArgumentException(
                $"Training examples have {training.SizeText}, test examples {test.SizeText}; expected the same size.");
        if (training.Outputs != test.Outputs)
            throw new ArgumentException(
                $"Training examples have {training.Outputs} targets, test examples {test.Outputs}; expected the same number.");
        if (training.Count < 2 || test.Count < 1)
            throw new ArgumentException($"{training.Count} training and {test.Count} test {test.KindName}; expected at least 2 and 1.");
        ValidationExamples = validationExamples ?? Math.Max(1, training.Count / 12);
        if (ValidationExamples < 1 || ValidationExamples >= training.Count)
            throw new ArgumentException(
                $"{ValidationExamples} of {training.Count} training {test.KindName} are for validation; "
                    + $"expected 1 to {training.Count - 1}.");
        Name = name;
        Training = training;
        Test = test;
        _sha256 = sha256 is null ? new Lazy<string>(ComputeSha256) : new Lazy<string>(sha256);
    }

    /// <summary>Name for people.</summary>
    public string Name { get; }

    /// <summary>All examples of the training file; the last ones are for validation.</summary>
    public Examples Training { get; }

    /// <summary>The test file.</summary>
    public Examples Test { get; }

    /// <summary>How raw examples became these; null for examples that are as they are.</summary>
    public Preparation? Preparation { get; init; }

    /// <summary>File or folder of the user's that it was made from; null for others.</summary>
    public string? Path { get; init; }

    /// <summary>Number of classes: those with a name, or those that occur; 0 where examples have targets.</summary>
    public int Classes => Training.Outputs > 0 ? 0 : Preparation?.Classes.Count ?? Math.Max(Training.Classes, Test.Classes);

    /// <summary>Outputs that a model of it needs: one for each target, or for each class.</summary>
    public int Outputs => Training.Outputs > 0 ? Training.Outputs : Classes;

    /// <summary>Number of held-out examples.</summary>
    public int ValidationExamples { get; }

    /// <summary>Number of examples trained on: the first ones of the training file.</summary>
    public int TrainingExamples => Training.Count - ValidationExamples;

    /// <summary>
    /// SHA-256 over the training file's content, then the test file's (<see cref="Examples.AppendTo"/>), in lower-case hexadecimal.
    /// </summary>
    public string Sha256 => _sha256.Value;

    /// <summary>Its identity for a run.</summary>
    /// <param name="trainingExamples">Number of examples to train on, the first ones; null for all that are not held out.</param>
    public DataSpec ToSpec(int? trainingExamples = null) => new()
    {
        Name = Name,
        Sha256 = Sha256,
        TrainingExamples = trainingExamples ?? TrainingExamples,
        ValidationExamples = ValidationExamples,
        Preparation = Preparation,
    };

    private string ComputeSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Training.AppendTo(hash);
        Test.AppendTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
