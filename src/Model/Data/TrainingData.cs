namespace Lockstep.Model.Data;

/// <summary>The examples that workers train on, with the digest of their content.</summary>
/// <param name="Examples">The first examples of a data set's training file.</param>
/// <param name="Digest">Their <see cref="Examples.Digest"/>, computed once.</param>
public sealed record TrainingData(Examples Examples, string Digest)
{
    /// <summary>The first <paramref name="count"/> examples of a data set's training file, with their digest.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="count">Number of examples.</param>
    public static TrainingData Of(Dataset data, int count)
    {
        ArgumentNullException.ThrowIfNull(data);
        Examples examples = data.Training.Slice(0, count);
        return new TrainingData(examples, examples.Digest());
    }
}
