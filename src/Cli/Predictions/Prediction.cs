namespace Lockstep.Cli.Predictions;

/// <summary>What a network says of something.</summary>
/// <param name="Subject">What it was shown.</param>
/// <param name="Answer">The class with the largest logit.</param>
/// <param name="Probabilities">Of every class.</param>
internal sealed record Prediction(Subject Subject, int Answer, float[] Probabilities);
