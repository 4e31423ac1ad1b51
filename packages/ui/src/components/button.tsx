import type { ButtonHTMLAttributes, ReactNode } from 'react';
import css from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly quiet?: boolean;
  readonly primary?: boolean;
  readonly danger?: boolean;
  readonly children: ReactNode;
}

export function Button({ quiet, primary, danger, className = '', ...rest }: ButtonProps) {
  const look = primary ? css.primary : danger ? css.danger : quiet ? css.quiet : css.plain;
  return <button type="button" className={`${css.button} ${look} ${className}`} {...rest} />;
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Said to those who cannot see the icon, and on hover. */
  readonly label: string;
  readonly active?: boolean;
  readonly children: ReactNode;
}

export function IconButton({ label, active, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={active}
      className={`${css.icon} ${active ? css.active : ''} ${className}`}
      {...rest}
    />
  );
}
